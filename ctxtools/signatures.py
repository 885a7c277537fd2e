"""What a file is that is not text, by the bytes it starts with.

Signatures that are letters alone ("BM", "MZ", "ID3") also start texts, so these need what follows
them in such a file. Sources: the formats' specifications, and
https://en.wikipedia.org/wiki/List_of_file_signatures.
"""

import re
from typing import NamedTuple


class BinaryType(NamedTuple):
    """A kind of file that is not text.

    Attributes:
        name: what it is, for people: "PDF document".
        hint: how to get at its text; None if it has none.
        is_compressed: it may be text, which is read if the file is named.
    """

    name: str
    hint: str | None = None
    is_compressed: bool = False


def _through(command: str) -> str:
    return f"extract its text first, for example: {command} | ctx count"


_PANDOC = _through("pandoc FILE -t plain")
_SHEETS = "save its sheets as CSV first"
_ARCHIVE = "unpack it first, and name the folder or the file inside"
_READ = "ctx count, fits, chunk and pack look into an archive that is named as a file"
_BOOK = _through("ebook-convert FILE book.txt && cat book.txt")
_OFFICE = _through("soffice --headless --cat FILE")

_COLUMN = "write it as Parquet, and name a column with --column"
_NOT_TEXT = rb"[\s\S]{0,200}?[\0-\x08\x0e-\x1a\x1c-\x1f]"  # soon, a byte that no text has

# Name, what the file starts with, what follows (a pattern), hint.
_SIGNATURES: tuple[tuple[str, tuple[bytes, ...], bytes, str | None], ...] = (
    # Documents
    ("PDF document", (b"%PDF-",), rb"\d\.\d[ \t]*[\r\n]\s*+(?:%[\x80-\xff]{2}|[\s\S]*?\d obj\b)",
     _through("pdftotext FILE -")),
    ("Microsoft Office document of before 2007, or another OLE file",
     (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",), b"", _OFFICE),
    ("DjVu document", (b"AT&TFORM",), rb"[\s\S]{4}DJV", _through("djvutxt FILE")),
    ("compiled HTML help", (b"ITSF\x03\0",), b"", _ARCHIVE),
    # Images
    ("PNG image", (b"\x89PNG",), b"", None),
    ("JPEG image", (b"\xff\xd8\xff",), b"", None),
    ("GIF image", (b"GIF87a", b"GIF89a"), _NOT_TEXT, None),
    ("TIFF image", (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), b"", None),
    ("BMP image", (b"BM",), rb"[\s\S]{4}\0\0\0\0[\s\S]{2}\0\0", None),
    ("icon", (b"\0\0\1\0", b"\0\0\2\0"), rb"[\x01-\xff]\0", None),
    ("Photoshop image", (b"8BPS\0",), b"", None),
    ("JPEG 2000 image", (b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51"), b"", None),
    ("JPEG XL image", (b"\0\0\0\x0cJXL ", b"\xff\x0a"), _NOT_TEXT, None),
    ("OpenEXR image", (b"v/1\1\2",), rb"[\s\S]\0\0", None),
    ("Netpbm image", (b"P4", b"P5", b"P6"),
     rb"\s+(?:#[^\n]*\n)*\d+\s+\d+\s(?:\d+\s)?[\s\S]{0,60}?[\0-\x08\x0e-\x1f\x80-\xff]", None),
    ("XCF image", (b"gimp xcf ",), rb"[\s\S]{4}\0", None),
    ("QOI image", (b"qoif\0",), b"", None),
    ("Windows metafile", (b"\xd7\xcd\xc6\x9a", b"\1\0\x09\0\0\3"), b"", None),
    # Sound and video
    ("WebP image", (b"RIFF",), rb"[\s\S]{4}WEBP", None),
    ("WAV audio", (b"RIFF", b"RF64", b"BW64"), rb"[\s\S]{4}WAVE", None),
    ("AVI video", (b"RIFF",), rb"[\s\S]{4}AVI ", None),
    ("RIFF file", (b"RIFF",), rb"[\s\S]{4}(?:ACON|RMID|CDXA|sfbk)", None),
    ("MP3 audio", (b"ID3",), rb"[\2-\4][\0-\x10][\0-\xf0]", None),
    ("MP3 audio", (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa"),
     rb"[\x10-\xeb]" + _NOT_TEXT, None),
    ("AAC audio", (b"\xff\xf1", b"\xff\xf9"), rb"[\x40-\x7f]" + _NOT_TEXT, None),
    ("FLAC audio", (b"fLaC",), rb"[\0\x80]\0\0", None),
    ("Ogg file", (b"OggS\0",), b"", None),
    ("MIDI file", (b"MThd\0\0\0\6",), b"", None),
    ("AIFF audio", (b"FORM",), rb"[\s\S]{4}AIF[FC]", None),
    ("Matroska or WebM video", (b"\x1aE\xdf\xa3",), b"", None),
    ("Flash video", (b"FLV\1",), b"", None),
    ("MPEG video", (b"\0\0\1\xb3", b"\0\0\1\xba"), b"", None),
    ("Windows Media file", (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",), b"", None),
    # Archives
    ("RAR archive", (b"Rar!\x1a\7",), b"", _ARCHIVE),
    ("7z archive", (b"7z\xbc\xaf\x27\x1c",), b"", _ARCHIVE),
    ("lz4-compressed file", (b"\4\x22\x4d\x18",), b"", _through("lz4 -dc FILE")),
    ("lzip-compressed file", (b"LZIP\1",), b"", _through("lzip -dc FILE")),
    ("lzma-compressed file", (b"\x5d\0\0",), rb"[\s\S]{2}\xff{8}", _through("xz -dc FILE")),
    ("file compressed by compress", (b"\x1f\x9d",), b"", _through("uncompress -c FILE")),
    ("Windows cabinet", (b"MSCF\0\0\0\0",), b"", _ARCHIVE),
    ("ar archive, such as a library or a Debian package", (b"!<arch>\n", b"!<thin>\n"),
     rb"[\s\S]{58}`\n|$", _ARCHIVE),
    ("cpio archive", (b"070701", b"070702", b"070707"), rb"[0-9a-fA-F]{70}", _ARCHIVE),
    ("RPM package", (b"\xed\xab\xee\xdb",), b"", _ARCHIVE),
    ("xar archive", (b"xar!\0",), b"", _ARCHIVE),
    ("browser extension", (b"Cr24\2\0", b"Cr24\3\0"), b"", _ARCHIVE),
    # Data
    ("SQLite database", (b"SQLite format 3\0",), b"", _through("sqlite3 FILE .dump")),
    ("Parquet file", (b"PAR1", b"PARE"), _NOT_TEXT,
     "name the column that holds the text with --column"),
    ("Arrow file", (b"ARROW1\0\0",), b"", _COLUMN),
    ("Arrow file", (b"\xff\xff\xff\xff",), rb"[\s\S]{2}\0\0\x10\0\0\0", _COLUMN),
    ("Feather file", (b"FEA1",), _NOT_TEXT, _COLUMN),
    ("ORC file", (b"ORC",), _NOT_TEXT, _COLUMN),
    ("Avro file", (b"Obj\1",), b"", "write it as JSONL, and name a field with --field"),
    ("NumPy array", (b"\x93NUMPY",), b"", None),
    ("Microsoft Outlook data", (b"!BDN",), _NOT_TEXT, None),
    ("KeePass database", (b"\x03\xd9\xa2\x9a",), b"", None),
    ("folder view of macOS", (b"\0\0\0\1Bud1",), b"", None),
    ("BitTorrent file", (b"d8:announce",), rb"[\s\S]*?6:pieces", None),
    ("HDF5 file", (b"\x89HDF\r\n\x1a\n",), b"", None),
    ("NetCDF file", (b"CDF\1\0", b"CDF\2\0", b"CDF\5\0"), b"", None),
    ("MATLAB file", (b"MATLAB 5.0 MAT-file",), rb"[\s\S]{90,110}(?:\x00\x01IM|\x01\x00MI)", None),
    ("R data", (b"RDX2\n", b"RDX3\n", b"RDA2\n", b"RDA3\n", b"X\n\0\0\0"), _NOT_TEXT, None),
    ("Python pickle", (b"\x80\2", b"\x80\3", b"\x80\4", b"\x80\5"), b"", None),
    ("GGUF model", (b"GGUF",), rb"[\1-\x09]\0\0\0", "name it as a tokenizer with --encoding"),
    ("GGML model", (b"lmgg", b"fmgg", b"tjgg", b"algg"), _NOT_TEXT, None),
    ("Redis dump", (b"REDIS0",), rb"\d{3}[\xf0-\xff]", None),
    ("git pack", (b"PACK\0\0\0", b"\xfftOc"), b"", None),
    ("git index", (b"DIRC\0\0\0",), b"", None),
    ("network capture", (b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\x0a\x0d\x0d\x0a"),
     rb"[\s\S]{2,4}[\0\x1a\x4d]", _through("tshark -r FILE")),
    ("binary property list", (b"bplist0",), _NOT_TEXT, _through("plutil -convert xml1 -o - FILE")),
    ("gettext catalogue", (b"\xde\x12\4\x95", b"\x95\4\x12\xde"), b"", _through("msgunfmt FILE")),
    ("time zone data", (b"TZif",), rb"[\x002-4]\0", None),
    ("encrypted file", (b"Salted__",), _NOT_TEXT, None),
    ("key or certificate in DER", (b"\x30\x82",), rb"[\s\S]{2}[\2\6\x30\xa0]" + _NOT_TEXT, None),
    ("Java keystore or serialized object", (b"\xfe\xed\xfe\xed", b"\xac\xed\0\5"), b"", None),
    # Programs
    ("ELF program or library", (b"\x7fELF",), b"", None),
    ("Windows program", (b"MZ",), rb"[\s\S]{0,64}?\0\0", None),
    ("Mach-O program", (b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe",
     b"\xcf\xfa\xed\xfe"), b"", None),
    ("Mach-O program", (b"\xca\xfe\xba\xbe\0\0\0", b"\xca\xfe\xba\xbf\0\0\0"), rb"[\1-\x14]", None),
    ("Java class", (b"\xca\xfe\xba\xbe\0",), b"", None),
    ("WebAssembly module", (b"\0asm",), b"", None),
    ("Android program", (b"dex\n03",), rb"\d\0", None),
    ("Lua bytecode", (b"\x1bLua",), b"", None),
    ("compiled Emacs Lisp", (b";ELC",), rb"[\x13-\x2f]\0\0\0", None),
    ("LLVM bitcode", (b"BC\xc0\xde",), b"", None),
    ("Windows shortcut", (b"L\0\0\0\1\x14\2\0",), b"", None),
    # The rest
    ("font", (b"\0\1\0\0\0", b"OTTO\0", b"wOFF", b"wOF2", b"ttcf\0", b"true\0"), _NOT_TEXT, None),
    ("Flash animation", (b"FWS", b"CWS", b"ZWS"), rb"[\1-\x08\x0e-\x1f]", None),
    ("disk image", (b"QFI\xfb", b"KDMV"), rb"[\0-\x08]", None),
    ("CAD drawing", (b"AC10",), rb"\d\d\0", None),
    ("Blender file", (b"BLENDER",), rb"[-_\d][-_Vv\d]{3,9}[A-Z]", None),
    ("3D model", (b"glTF\1\0", b"glTF\2\0", b"Kaydara FBX Binary"), b"", None),
)  # fmt: skip

# Name, offset, what is there (a pattern), hint: formats whose first bytes vary. All of them
# have a NUL in their head.
_INSIDE: tuple[tuple[str, int, bytes, str | None], ...] = (
    ("HEIF or AVIF image", 4, rb"ftyp(?:hei[cfmsx]|he[iv]c|mif1|msf1|avi[fs])", None),
    ("MP4 or QuickTime file", 4, rb"(?:ftyp[\w ]{4}|moov|mdat|wide|free)[\s\S]{0,9}\0", None),
    ("TensorFlow Lite model", 4, rb"TFL3", None),
    ("compiled Python", 1, rb"[\x0a-\x0f\xf2\xf3]\r\n(?:[\0-\3]\0{3}|[\s\S]{4,8}[\x63\xe3])", None),
    ("safetensors file", 3, rb"[\s\S]{0,2}\0{3,5}\{\"", None),
    ("DICOM image", 128, rb"DICM[\2\x08]\0", None),
    ("font", 8, rb"[\1\2]\0[\1\2]\0[\s\S]{22}LP", None),
    ("Mobipocket or Kindle book", 60, rb"(?:BOOKMOBI|TEXtREAd)[\0-\xff]", _BOOK),
    ("tar archive", 257, rb"ustar(?:\x0000|  \0)", _READ),
)  # fmt: skip

_LFS_POINTER = b"version https://git-lfs.github.com/spec/v1"
_ZIP = (b"PK\3\4", b"PK\5\6\0", b"PK\7\x08")
_ZIPS: tuple[tuple[str, bytes, str | None], ...] = (
    ("EPUB book", rb"mimetypeapplication/epub\+zip", _PANDOC),
    ("OpenDocument text", rb"mimetypeapplication/vnd\.oasis\.opendocument\.text", _PANDOC),
    (
        "OpenDocument spreadsheet",
        rb"mimetypeapplication/vnd\.oasis\.opendocument\.spreadsheet",
        _SHEETS,
    ),
    ("OpenDocument file", rb"mimetypeapplication/vnd\.oasis\.opendocument\.", _OFFICE),
    ("Word document", rb"word/", _PANDOC),
    ("Excel workbook", rb"xl/", _SHEETS),
    ("PowerPoint presentation", rb"ppt/", _OFFICE),
    ("Office document", rb"\[Content_Types\]\.xml", _OFFICE),
    ("Android package", rb"AndroidManifest\.xml|classes\.dex", _READ),
    ("Java archive", rb"META-INF/", _READ),
    ("NumPy archive", rb"\A[\s\S]{30}[^\0]{1,100}\.npy", None),
    ("PyTorch model", rb"/data\.pkl|/\.data/|/byteorder", None),
)

# Formats that hold one compressed file.
_COMPRESSED = {
    "gzip": rb"\x1f\x8b\x08",
    "bzip2": rb"BZh[1-9](?:1AY&SY|\x17\x72\x45\x38\x50\x90)",
    "xz": rb"\xfd7zXZ\0",
    "zstd": rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18",
}

# By the first two bytes, as every file is looked up here.
_BY_START: dict[bytes, list[tuple[bytes, str, bytes, str | None]]] = {}
for _name, _starts, _rest, _hint in _SIGNATURES:
    for _start in _starts:
        _BY_START.setdefault(_start[:2], []).append((_start, _name, _rest, _hint))
for _found in _BY_START.values():
    _found.sort(key=lambda each: len(each[0]))


# Bytes that no text in a charset of one or two bytes for a character has.
CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\b\x1b")) + b"\x7f"

STARTS = (
    *(start for _, starts, _, _ in _SIGNATURES for start in starts),
    *(*_ZIP, _LFS_POINTER, b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd"),
)
"""What everything starts with that is known here, but for white space before a PDF and for what has
control bytes at its start."""


def has_controls(head: bytes) -> bool:
    """Whether there are control bytes that text does not have: UTF-16, UTF-32 or no text."""
    return len(head.translate(None, CONTROLS)) < len(head)


def has_escapes(data: bytes) -> bool:
    """Whether ASCII bytes may be in ISO-2022 or HZ."""
    # All ASCII text passes through here, and a single byte is found ten times as fast.
    return (b"\x1b" in data and b"\x1b$" in data) or (b"~" in data and b"~{" in data)


def binary_type(head: bytes) -> BinaryType | None:
    """What a file is that starts with these bytes; None if it may be text.

    Args:
        head: up to 8,192 bytes.
    """
    if b"%PDF-" in head[:20]:
        head = head.lstrip(b"\r\n\t ")
    if head.startswith(_ZIP):
        for name, pattern, hint in _ZIPS:
            if re.search(pattern, head):
                return BinaryType(name, hint)
        return BinaryType("zip archive", _READ)
    for start, name, rest, hint in _BY_START.get(head[:2], ()):
        if head.startswith(start) and (not rest or re.match(rest, head[len(start) :])):
            return BinaryType(name, hint)
    for name, offset, pattern, hint in _INSIDE if b"\0" in head else ():
        if re.match(pattern, head[offset : offset + 40]):
            return BinaryType(name, hint)
    if not head.isascii() and (packed := compression(head)):
        hint = "name it, and it is read uncompressed"
        return BinaryType(f"{packed}-compressed file", hint, is_compressed=True)
    return None


def is_lfs_pointer(head: bytes) -> bool:
    """Whether a file only says where its content is (https://github.com/git-lfs/git-lfs)."""
    return head.startswith(_LFS_POINTER) and b"\noid " in head


def compression(head: bytes) -> str | None:
    """The format of a compressed file that starts with these bytes: gzip, bzip2, xz or zstd."""
    if head[:1] not in (b"\x1f", b"B", b"\xfd", b"\x28") and not b"P" <= head[:1] <= b"_":
        return None
    return next((name for name, pattern in _COMPRESSED.items() if re.match(pattern, head)), None)
