import ArgumentParser
import Stores

extension RunDurability: ExpressibleByArgument {}
