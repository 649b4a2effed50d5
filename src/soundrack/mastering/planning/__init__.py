"""Planning: from what a song measures and what was ordered to a plan. Nothing here touches sound."""

from __future__ import annotations

from soundrack.mastering.order import Order
from soundrack.mastering.plan import MasteringPlan
from soundrack.mastering.planning.dynamics import plan_dynamics
from soundrack.mastering.planning.loudness import plan_limiter, plan_loudness, plan_saturation
from soundrack.mastering.planning.profile import Profile
from soundrack.mastering.planning.tone import plan_tone
from soundrack.mastering.planning.width import plan_width
from soundrack.mastering.repair.steps import RepairStep

__all__ = ["aimed", "draw_up"]


def draw_up(
    song: Profile, order: Order, *, reference: Profile | None = None, repair: tuple[RepairStep, ...] = ()
) -> MasteringPlan:
    """Return the plan for a song.

    Parameters
    ----------
    song : Profile
        The song, after its repair.
    order : Order
        What it should become.
    reference : Profile, optional
        A record that tone, width, dynamics and loudness should come near to; of any sample rate.
    repair : tuple of RepairStep
        What has been found to mend; stands in the plan as it is.
    """
    plan = MasteringPlan(
        repair=repair,
        tone=plan_tone(song, order, reference),
        width=plan_width(song, order, reference),
        dynamics=plan_dynamics(song, order, reference),
        loudness=plan_loudness(order, reference),
    )
    return aimed(plan, song, order, reference=reference)


def aimed(plan: MasteringPlan, song: Profile, order: Order, *, reference: Profile | None = None) -> MasteringPlan:
    """Return a plan with everything that depends on loudness and ceiling planned anew, for those of an order.

    What comes before stays: repair, tone, width and dynamics depend neither on a platform nor on a target. Arguments
    as for :func:`draw_up`.
    """
    loudness = plan_loudness(order, reference)
    saturation, limiter = plan_saturation(song, order, loudness), plan_limiter(order)
    return plan.model_copy(update={"saturation": saturation, "limiter": limiter, "loudness": loudness})
