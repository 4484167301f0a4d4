package import Foundation

/// When a version came out, and how many samples it applied.
package struct PublishedVersion: Hashable, Sendable {
    package let number: Int
    package let publishedAt: Date
    package let samples: Int

    package init(number: Int, publishedAt: Date, samples: Int) {
        (self.number, self.publishedAt, self.samples) = (number, publishedAt, samples)
    }
}
