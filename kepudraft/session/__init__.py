"""The drafting session: a person with a pile of facts gets up with a Word file.

    typed line ─> Desk ─> Work ─> log ─> Screen
                  words   value   fsync   plain text, coloured where that helps

`Desk` is a state machine over lines: terminal, editor, model and clock are passed in. What the person has decided is one
frozen `Work`; every step is a patch to it, on the disk before it is answered.
"""
