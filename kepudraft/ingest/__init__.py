"""Other people's files -> exemplars.

    read ─> simplify ─> clean ─> split ─> sections ─> label ─> defects     take.py runs this line; store.py keeps the result

Only cues and tables decide here; who has an encoder passes it in as `label.Neighbours`.
"""
