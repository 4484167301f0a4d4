import ArgumentParser
import Objectives

/// `x0,y0,x1,y1` in pixels of the stored picture, left and top first.
struct BoxArgument: ExpressibleByArgument {
    let box: RegionBox

    init?(argument: String) {
        let edges = argument.split(separator: ",", omittingEmptySubsequences: false).compactMap { Float($0) }
        guard edges.count == 4, argument.split(separator: ",").count == 4, edges.allSatisfy(\.isFinite),
            edges[0] < edges[2], edges[1] < edges[3]
        else { return nil }
        box = RegionBox(x0: edges[0], y0: edges[1], x1: edges[2], y1: edges[3])
    }
}
