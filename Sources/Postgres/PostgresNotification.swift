/// What NOTIFY sent. A hint only: it may be lost, doubled or forged, and never replaces looking into the tables.
package struct PostgresNotification: Sendable, Hashable {
    package let channel: String
    package let payload: String

    package init(channel: String, payload: String) { (self.channel, self.payload) = (channel, payload) }
}
