"""Choosing a form of each document, and documents for each part."""
