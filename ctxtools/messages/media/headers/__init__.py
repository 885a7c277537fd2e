"""The measures of images, read from the beginnings of their files without decoding them."""
