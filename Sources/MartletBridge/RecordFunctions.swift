import CPyShim
import MartletAssembly
import MartletModel

/// Arguments: the state directory, and a question as JSON (`RecordQuestions`). Returns `{"answer":…}`, or
/// `{"refused":{"code":…,"line":…,"hint":…}}` as JSON.
private let askRecords: mt_fastcall = { _, arguments, count in
    do {
        guard count == 2 else { throw BadCall(message: "ask_records() takes 2 arguments, not \(count)") }
        let state = try PythonValue.string(arguments?[0])
        let question = try JSON.parse(try PythonValue.string(arguments?[1]))
        let answer = try withoutGIL { () throws -> JSON in
            do {
                let stores = Assembly.stores(attention: PythonAttention.isWanted)
                let told = try RecordQuestions.answer(question, in: state, stores, attention: PythonAttention.isWanted)
                return ["answer": told]
            } catch let problem as Diagnostic {
                let (line, hint) = Wording.text(problem)
                return [
                    "refused": ["code": .string(problem.code.rawValue), "line": .string(line), "hint": .string(hint)]
                ]
            }
        }
        try PythonAttention.raisePending()
        return PythonValue.make(answer.text)
    } catch let error as BadCall {
        return PythonValue.raise(mt_exc_TypeError(), error.message)
    } catch let error as RecordQuestions.Misunderstood {
        return PythonValue.raise(mt_exc_ValueError(), error.message)
    } catch is PythonExceptionSet {
        return nil
    } catch {
        return PythonValue.raise(mt_exc_ValueError(), "\(error)")
    }
}

/// Functions of the module that have to do with records.
func recordFunctions() -> [PyMethodDef] { [mt_def_fast(immortal("ask_records"), askRecords, nil)] }
