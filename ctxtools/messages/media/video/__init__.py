"""How models count videos: a rule a family; ``rules/video.toml`` says which model has which.

A model gets some frames of a video (`frames`), each in a size as images have it, and mostly the
time of each as text (`stamps`).
"""
