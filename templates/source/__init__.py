"""``python -m templates.source`` writes every flow into ``templates/flows``, in English and in Korean.

`words` has all that people read, in both languages side by side; `n8n` and `make` have the nodes.
"""
