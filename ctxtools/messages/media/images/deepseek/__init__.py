"""DeepSeek: V4 and V4.1 fit a grid into a budget; VL2 and OCR cut an image into tiles."""
