"""BMP: the size is in the header of the bitmap, of which there are several versions.

https://learn.microsoft.com/windows/win32/gdi/bitmap-header-types
"""

from ctxtools.messages.media.headers.reader import Raster, Reader


def read(reader: Reader) -> Raster:
    """The size.

    Raises:
        FormatError: the header is cut off.
    """
    header = reader.number(14, 4, "little")
    if header == 12:
        return Raster(reader.number(18, 2, "little"), reader.number(20, 2, "little"))
    sides = (int.from_bytes(reader.at(offset, 4), "little", signed=True) for offset in (18, 22))
    width, height = sides
    if width < 0:
        raise reader.error(f"the BMP has a width of {width}", 18)
    return Raster(width, abs(height))  # negative: rows from the top
