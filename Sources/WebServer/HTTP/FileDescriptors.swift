internal import CLinux
internal import Glibc

/// The file descriptors of this process: each connection is one (getrlimit(2)).
///
/// They must never run out. libdispatch ends the process when it cannot open a file of /proc, and
/// libmicrohttpd spins when it cannot accept. So whoever takes many leaves some.
public enum FileDescriptors {
    /// How many there may be.
    public static var limit: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return 1_024
        }
        return Int(clamping: limit.rlim_cur)
    }

    /// Raises the limit as far as the system lets it: its default is meant for select(2).
    ///
    /// - Returns: The limit that holds then.
    @discardableResult
    public static func raiseLimit() -> Int {
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            limit.rlim_cur = limit.rlim_max
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        return Self.limit
    }

    /// Whether a client may be let in: a quarter is left to all else.
    public static var areLeftForClients: Bool { areLeft(besides: max(64, limit / 4)) }

    /// Whether upstream may be connected to: an eighth is left to short requests, files and the like.
    public static var areLeftForUpstream: Bool { areLeft(besides: max(32, limit / 8)) }

    /// The system gives out the lowest number that is free.
    private static func areLeft(besides reserve: Int) -> Bool {
        let probe = eventfd(0, Int32(EFD_CLOEXEC))
        guard probe >= 0 else { return false }
        close(probe)
        return Int(probe) < limit - reserve
    }
}
