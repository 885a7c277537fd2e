"""What images, video, audio and pages cost a model, and their measures from files."""
