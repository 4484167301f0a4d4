import ArgumentParser
import Checkpoints
import Datasets
import Evaluators
import Foundation
import Images
import Layers
import Models
import Objectives
import Optimizers
import Postgres
import Recipes
import Stores
import Transfers
import WorkerRole

extension ExitStatus {
    /// The status that an error of any layer stands for.
    init(_ error: any Error) {
        self =
            switch error {
            case let failure as CommandFailure: failure.status
            case let error as PostgresError: Self.status(of: error)
            case let error as StoreError: Self.status(of: error)
            case TransferError.versionRetired, WorkerError.drainTimedOut: .temporary
            case is CheckpointError, is RecipeError, is DatasetError, is ModelsError, is OptimizersError: .usage
            case is EvaluatorsError, is ImageError, is LayersError, is SettingProblems: .usage
            case is CancellationError: .success
            default: .broken
            }
    }

    private static func status(of error: PostgresError) -> ExitStatus {
        if error.kind == .cancelled { return .success }
        return switch error.category {
        case .connectionLoss, .unavailable, .contention: .unavailable
        case .permission: .forbidden
        case .configuration: .usage
        case .other: .broken
        }
    }

    private static func status(of error: StoreError) -> ExitStatus {
        switch error {
        case .runExists, .runUnknown, .runRejected, .settingsMissing, .durableVersionMissing, .versionGone,
            .loginExists, .loginUnknown, .loginRejected:
            .usage
        case .sessionRefused(.connectionsExhausted): .unavailable
        case .sessionRefused: .mismatch
        case .partsMissing, .chunksMissing, .ledgerInconsistent: .broken
        case .leadershipLost: .temporary
        }
    }
}

extension StillhouseCommand {
    /// Prints what went wrong and ends the process; help and usage go the parser's way.
    static func exit(withStatusOf error: any Error) -> Never {
        switch error {
        case is ExitCode, is CleanExit: exit(withError: error)
        default:
            let isParsers = error is ValidationError || "\(type(of: error))".contains("CommandError")
            if isParsers {
                // The parser repeats what it does not understand, a misplaced URL with its password too.
                let text = fullMessage(for: error)
                if SecretPattern.redacted(text) == text { exit(withError: error) }
                FileHandle.standardError.write(Data("\(SecretPattern.redacted(text))\n".utf8))
                exit(withError: exitCode(for: error))
            }
            FileHandle.standardError.write(Data("Error: \(SecretPattern.redacted("\(error)"))\n".utf8))
            exit(withError: ExitCode(ExitStatus(error).rawValue))
        }
    }
}
