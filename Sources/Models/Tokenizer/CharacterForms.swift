/// Characters that stand for others: ligatures, wide and narrow forms, quotes, and C1 controls.
///
/// Each step maps one character; all apply in turn, as ftfy 6.3 applies them.
enum CharacterForms {
    /// Appends what the character becomes: nothing, itself, or a few others.
    static func append(_ character: Unicode.Scalar, to text: inout [Unicode.Scalar]) {
        if character.value < 0x80 { return text.append(character) }
        let visible = withoutC1(character)
        if let letters = ligatures[visible] {
            for letter in letters { text.append(withStraightQuote(letter)) }
        } else if visible.value == 0xFFE3 {
            // The wide macron is the only wide form of two characters.
            text += [" ", "\u{304}"]
        } else {
            text.append(withStraightQuote(withCommonWidth(visible)))
        }
    }

    /// Controls that only mojibake and old encodings have become what Windows-1252 shows at their place.
    static func withoutC1(_ character: Unicode.Scalar) -> Unicode.Scalar {
        guard (0x80..<0xA0).contains(character.value) else { return character }
        return windows1252[Int(character.value) - 0x80]
    }

    private static func withCommonWidth(_ character: Unicode.Scalar) -> Unicode.Scalar {
        switch character.value {
        case 0x3000: " "
        case 0xFF01...0xFF5E: Unicode.Scalar(character.value - 0xFEE0) ?? character
        case 0xFF5F...0xFFEF: Unicode.Scalar(halfWidth[Int(character.value) - 0xFF5F]) ?? character
        default: character
        }
    }

    private static func withStraightQuote(_ character: Unicode.Scalar) -> Unicode.Scalar {
        switch character.value {
        case 0x2BC, 0x2018...0x201B: "'"
        case 0x201C...0x201F: "\""
        default: character
        }
    }

    private static let windows1252: [Unicode.Scalar] = [
        "\u{20AC}", "\u{81}", "\u{201A}", "\u{192}", "\u{201E}", "\u{2026}", "\u{2020}", "\u{2021}",
        "\u{2C6}", "\u{2030}", "\u{160}", "\u{2039}", "\u{152}", "\u{8D}", "\u{17D}", "\u{8F}",
        "\u{90}", "\u{2018}", "\u{2019}", "\u{201C}", "\u{201D}", "\u{2022}", "\u{2013}", "\u{2014}",
        "\u{2DC}", "\u{2122}", "\u{161}", "\u{203A}", "\u{153}", "\u{9D}", "\u{17E}", "\u{178}",
    ]

    private static let ligatures: [Unicode.Scalar: [Unicode.Scalar]] = [
        "\u{132}": ["I", "J"], "\u{133}": ["i", "j"], "\u{149}": ["\u{2BC}", "n"],
        "\u{1F1}": ["D", "Z"], "\u{1F2}": ["D", "z"], "\u{1F3}": ["d", "z"],
        "\u{1C4}": ["D", "\u{17D}"], "\u{1C5}": ["D", "\u{17E}"], "\u{1C6}": ["d", "\u{17E}"],
        "\u{1C7}": ["L", "J"], "\u{1C8}": ["L", "j"], "\u{1C9}": ["l", "j"],
        "\u{1CA}": ["N", "J"], "\u{1CB}": ["N", "j"], "\u{1CC}": ["n", "j"],
        "\u{FB00}": ["f", "f"], "\u{FB01}": ["f", "i"], "\u{FB02}": ["f", "l"],
        "\u{FB03}": ["f", "f", "i"], "\u{FB04}": ["f", "f", "l"], "\u{FB05}": ["\u{17F}", "t"],
        "\u{FB06}": ["s", "t"],
    ]

    /// U+FF5F to U+FFEF: the compatibility forms (NFKC) of narrow katakana, Hangul and signs.
    private static let halfWidth: [UInt32] = [
        0x2985, 0x2986, 0x3002, 0x300C, 0x300D, 0x3001, 0x30FB, 0x30F2, 0x30A1, 0x30A3, 0x30A5, 0x30A7,
        0x30A9, 0x30E3, 0x30E5, 0x30E7, 0x30C3, 0x30FC, 0x30A2, 0x30A4, 0x30A6, 0x30A8, 0x30AA, 0x30AB,
        0x30AD, 0x30AF, 0x30B1, 0x30B3, 0x30B5, 0x30B7, 0x30B9, 0x30BB, 0x30BD, 0x30BF, 0x30C1, 0x30C4,
        0x30C6, 0x30C8, 0x30CA, 0x30CB, 0x30CC, 0x30CD, 0x30CE, 0x30CF, 0x30D2, 0x30D5, 0x30D8, 0x30DB,
        0x30DE, 0x30DF, 0x30E0, 0x30E1, 0x30E2, 0x30E4, 0x30E6, 0x30E8, 0x30E9, 0x30EA, 0x30EB, 0x30EC,
        0x30ED, 0x30EF, 0x30F3, 0x3099, 0x309A, 0x1160, 0x1100, 0x1101, 0x11AA, 0x1102, 0x11AC, 0x11AD,
        0x1103, 0x1104, 0x1105, 0x11B0, 0x11B1, 0x11B2, 0x11B3, 0x11B4, 0x11B5, 0x111A, 0x1106, 0x1107,
        0x1108, 0x1121, 0x1109, 0x110A, 0x110B, 0x110C, 0x110D, 0x110E, 0x110F, 0x1110, 0x1111, 0x1112,
        0xFFBF, 0xFFC0, 0xFFC1, 0x1161, 0x1162, 0x1163, 0x1164, 0x1165, 0x1166, 0xFFC8, 0xFFC9, 0x1167,
        0x1168, 0x1169, 0x116A, 0x116B, 0x116C, 0xFFD0, 0xFFD1, 0x116D, 0x116E, 0x116F, 0x1170, 0x1171,
        0x1172, 0xFFD8, 0xFFD9, 0x1173, 0x1174, 0x1175, 0xFFDD, 0xFFDE, 0xFFDF, 0x00A2, 0x00A3, 0x00AC,
        0x0020, 0x00A6, 0x00A5, 0x20A9, 0xFFE7, 0x2502, 0x2190, 0x2191, 0x2192, 0x2193, 0x25A0, 0x25CB,
        0xFFEF,
    ]
}
