"""Office documents and e-books: zip files of XML, read directly.

The libraries for these formats refuse documents that people have: python-docx and python-pptx those
with macros, with a link to a part that is missing, or in ISO's strict form, openpyxl those with a
style that it does not expect; none of them gives numbering, footnotes, text boxes or tracked
changes. In tests they make the documents that are read here.
"""
