"""What git knows of a folder that a stranger may have written: what is ignored, what is new.

The configuration of a repository can name programs for git to run, in dozens of keys, and more in
every version. So git never sees it: `run.py`, the only module that runs git, shows it a repository
of this package (`empty/`), and of the real one the index and the objects alone. `repository.py`
finds these, and reads what else is needed. `owner.py` has git's rule on whose repository it may be.
"""
