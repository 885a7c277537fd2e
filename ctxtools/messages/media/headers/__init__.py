"""The measures of images, read from the beginnings of their files without decoding them.

    reader.py     bytes on demand, and what every format returns
    formats.py    which format a file has, by its first bytes
    png.py jpeg.py gif.py webp.py bmp.py tiff.py heif.py
                  one format each: ``read(reader)`` returns a `Raster`

A header is a stranger's: it may lie, end early, point at itself or go on without end. So each
reader takes a bounded number of steps, and fails with a `FormatError` that says at which byte.
"""
