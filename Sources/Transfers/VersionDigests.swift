package import Checkpoints
package import Stores

/// The three digests of a version: what it was made from, what it is, and its whole history.
///
/// No job, session, host or time enters, so two runs with equal chains had equal histories, bit for bit.
package enum VersionDigests {
    /// SHA-256 over (ordinal, units, gradient digest) of each member, in order; integers as 8 bytes, little-endian. A
    /// member that was clipped adds the 8 bytes of its scale.
    package static func members(_ members: [GradientManifest]) -> Digest {
        Digest(
            of: members.flatMap { member in
                let scale = member.scale == 1 ? [] : bytes(Int(bitPattern: UInt(member.scale.bitPattern)))
                return bytes(member.ordinal) + bytes(member.units) + member.digest + scale
            }
        )
    }

    /// SHA-256 over (role, ordinal, digest) of the chunks that make up the model: student, frozen, carried, teacher,
    /// centre. The optimizer's moments are no part of what a model is.
    package static func content(_ chunks: [ChunkReference]) -> Digest {
        let parts = chunks.filter { $0.role != .moment1 && $0.role != .moment2 }
            .sorted { ($0.role.rawValue, $0.ordinal) < ($1.role.rawValue, $1.ordinal) }
        return Digest(of: parts.flatMap { bytes(Int($0.role.rawValue)) + bytes($0.ordinal) + $0.digest })
    }

    /// SHA-256 over the parent's chain (empty for version 0), the content and the members.
    package static func chain(parent: [UInt8], content: Digest, members: Digest) -> Digest {
        Digest(of: parent + content.bytes + members.bytes)
    }

    private static func bytes(_ value: Int) -> [UInt8] {
        withUnsafeBytes(of: Int64(value).littleEndian, Array.init)
    }
}

extension VersionUpdate {
    /// The update that makes `chunks` out of the version with the chain `parent`.
    package init(
        samples: Int = 0,
        units: Int = 0,
        learningRate: Double = 0,
        members: [GradientManifest] = [],
        chunks: [ChunkReference],
        parentChain: [UInt8] = []
    ) {
        let content = VersionDigests.content(chunks)
        let members = VersionDigests.members(members)
        self.init(
            samples: samples,
            units: units,
            learningRate: learningRate,
            membersDigest: members.bytes,
            contentDigest: content.bytes,
            chainDigest: VersionDigests.chain(parent: parentChain, content: content, members: members).bytes
        )
    }
}
