@testable import RealtimeSimulator

/// An offer is read or refused, whatever it is.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: bytes, count: count))
    guard let offer = try? SDPOffer(input) else { return 0 }
    precondition(!offer.sections.isEmpty)
    for section in offer.sections { precondition(!section.kind.isEmpty) }
    return 0
}
