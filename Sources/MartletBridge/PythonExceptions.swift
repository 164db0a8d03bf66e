import CPyShim
import MartletModel

/// Calls `body`, and turns what it throws into Python exceptions: `BadCall` into a TypeError, all else into a RuntimeError, a
/// `Diagnostic` in its own words.
func raising(_ body: () throws -> PyRef?) -> PyRef? {
    do {
        return try body()
    } catch is PythonExceptionSet {
        return nil
    } catch let error as BadCall {
        return PythonValue.raise(mt_exc_TypeError(), error.message)
    } catch let error as Diagnostic {
        return PythonValue.raise(mt_exc_RuntimeError(), Wording.text(error).line)
    } catch {
        return PythonValue.raise(mt_exc_RuntimeError(), "\(error)")
    }
}
