"""The web pages: the doors (setting up, signing in and up, resetting) and the account behind them.

Pages are made on the server and work without a script. A page behind the door depends on `session.SignedIn`, a form on
`forms.Posted`; `pages.page` fills a template in, `errors.refusal` shows a form again with what was wrong.
"""

from soundrack.dashboard.site import create

__all__ = ["create"]
