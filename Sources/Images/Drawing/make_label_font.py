"""Writes LabelFont+Glyphs.swift: ASCII in Aileron Regular (Sora Sagano, CC0 1.0), as shipped inside Pillow 10.

Run by hand with Pillow 10 and FreeType: python make_label_font.py > LabelFont+Glyphs.swift
"""

from PIL import Image, ImageDraw, ImageFont

SIZE, LEVELS, LINE = 15, "0123456789abcdef", 100
font = ImageFont.load_default(SIZE)
ascent, descent = font.getmetrics()
height = ascent + descent
advances, rows = [], []
for code in range(32, 127):
    width = max(1, round(font.getlength(chr(code))))
    glyph = Image.new("L", (width, height), 0)
    ImageDraw.Draw(glyph).text((0, 0), chr(code), fill=255, font=font)
    advances.append(width)
    rows.append("".join(LEVELS[(value * 15 + 127) // 255] for value in glyph.tobytes()))
text = "".join(rows)
lines = [text[i : i + LINE] for i in range(0, len(text), LINE)]
widths = [", ".join(map(str, advances[i : i + 24])) for i in range(0, len(advances), 24)]
print("// Written by make_label_font.py from Aileron Regular (Sora Sagano, CC0 1.0). Not to be edited.")
print("extension LabelFont {")
print(f"    static let glyphHeight = {height}")
print("    /// Widths of the glyphs from space to tilde.")
print("    static let glyphWidths = [")
for line in widths:
    print(f"        {line},")
print("    ]")
print("    /// Coverage of each pixel as one hexadecimal digit, glyph after glyph, row after row.")
print('    static let glyphPixels: StaticString = """')
for line in lines[:-1]:
    print(f"        {line}\\")
print(f"        {lines[-1]}")
print('        """')
print("}")
