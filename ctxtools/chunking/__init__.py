"""Cutting documents into chunks: exactly, along their structure, in linear time."""
