import MartletSystem

/// Which pilots have slices of a submission: those of which there is a result tell by its name, those that were just claimed
/// by what the claim says.
package struct SliceHolders {
    private var pilots: [Int: Int] = [:]

    /// - Parameter folder: of the submission.
    package init(of slices: [Int], in folder: String) throws(SystemError) {
        let listing = try PoolListing(folder)
        for slice in slices {
            if let pilot = listing.runners[slice] {
                pilots[slice] = pilot
            } else if listing.claimed.contains(slice), case .pilot(let pilot) = try SliceClaim.holder(of: slice, in: folder) {
                pilots[slice] = pilot
            }
        }
    }

    /// nil: no pilot has it, as far as is known.
    package subscript(slice: Int) -> Int? { pilots[slice] }
}
