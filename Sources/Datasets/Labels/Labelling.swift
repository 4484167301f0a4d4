package import Images

/// What the label files of a dataset mean; part of its index, so that a map is the same on every machine.
package struct Labelling: Sendable, Hashable {
    package enum Encoding: Sendable, Hashable {
        /// Numbers of palette or grey PNGs.
        case values(LabelValues)
        /// COCO's panoptic PNGs: colours that are the numbers of segments.
        case segments
    }

    package let classes: ClassList
    package let encoding: Encoding

    package init(classes: ClassList, encoding: Encoding) {
        (self.classes, self.encoding) = (classes, encoding)
    }

    /// Reads the labels of a picture of some size.
    package func labels(
        of file: LabelFile,
        bytes: [UInt8],
        width: Int,
        height: Int,
        limits: ImageLimits = .standard
    ) throws(LabelDefect) -> LabelMap {
        let header = try Self.header(bytes, limits, file.key)
        // Before any pixel: what is of another size need not be decoded to be refused.
        guard header.width == width && header.height == height else {
            throw .wrongSize(
                width: header.width,
                height: header.height,
                pictureWidth: width,
                pictureHeight: height
            )
        }
        let ids =
            switch encoding {
            case .values(let values): try Self.ids(Self.indices(bytes, limits, file.key), values)
            case .segments: try Self.ids(Self.picture(bytes, header, limits, file.key), file.segments)
            }
        return LabelMap(width: width, height: height, values: ids)
    }

    private static func header(
        _ bytes: [UInt8],
        _ limits: ImageLimits,
        _ key: String
    ) throws(LabelDefect) -> ImageHeader {
        do {
            return try ImageDecoder.header(of: bytes, limits: limits, key: key)
        } catch {
            throw .undecodable(error.reason)
        }
    }

    private static func ids(_ image: IndexedImage, _ values: LabelValues) throws(LabelDefect) -> [UInt8] {
        let table = values.table
        var ids: [UInt8] = []
        ids.reserveCapacity(image.indices.count)
        for index in image.indices {
            let value = Int(index)
            guard value < table.count, let id = UInt8(exactly: table[value]) else {
                let (row, column) = ids.count.quotientAndRemainder(dividingBy: image.width)
                throw .unknownValue(value, column: column, row: row)
            }
            ids.append(id)
        }
        return ids
    }

    private static func ids(_ image: Image, _ segments: [LabelFile.Segment]) throws(LabelDefect) -> [UInt8] {
        // Pixels of segment 0 belong to none.
        var table: [UInt32: UInt8] = [0: LabelMap.void]
        for segment in segments { table[segment.number] = segment.id }
        var ids: [UInt8] = []
        ids.reserveCapacity(image.width * image.height)
        var last: (number: UInt32, id: UInt8) = (0, LabelMap.void)
        for start in stride(from: 0, to: image.pixels.count, by: 3) {
            let (red, green, blue) = (image.pixels[start], image.pixels[start + 1], image.pixels[start + 2])
            let number = UInt32(red) | UInt32(green) << 8 | UInt32(blue) << 16
            if number != last.number {
                guard let id = table[number] else {
                    let (row, column) = ids.count.quotientAndRemainder(dividingBy: image.width)
                    throw .unknownSegment(Int(number), column: column, row: row)
                }
                last = (number, id)
            }
            ids.append(last.id)
        }
        return ids
    }

    private static func indices(
        _ bytes: [UInt8],
        _ limits: ImageLimits,
        _ key: String
    ) throws(LabelDefect) -> IndexedImage {
        do {
            return try ImageDecoder.indices(of: bytes, limits: limits, key: key)
        } catch {
            throw .undecodable(error.reason)
        }
    }

    /// Colours as stored; a lossy format would change the numbers.
    private static func picture(
        _ bytes: [UInt8],
        _ header: ImageHeader,
        _ limits: ImageLimits,
        _ key: String
    ) throws(LabelDefect) -> Image {
        guard header.format == .png, header.bitDepth == 8 else {
            throw .undecodable(.unsupported(header.format, detail: "segments are 8-bit PNG"))
        }
        do {
            return try ImageDecoder.decode(bytes: bytes, limits: limits, key: key)
        } catch {
            throw .undecodable(error.reason)
        }
    }
}
