import ArgumentParser
import Stores

extension LoginRole: ExpressibleByArgument {}
