"""Packs judged by questions: repositories, questions with known answers, ways to choose, recall.

`repositories` fetches them, `definitions` finds their functions, `questions` makes questions whose
answers are lines of those, `tree` writes a repository without what would give an answer away,
`orders` and `ways` choose what goes into a prompt, and `scoring` says how much of each answer did.
"""
