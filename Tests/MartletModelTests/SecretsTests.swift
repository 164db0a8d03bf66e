import MartletModel
import Testing

@Suite struct SecretsTests {
    @Test(arguments: [
        ("HTTP 403 of https://ana:pw@host/a.root, tried twice", "HTTP 403 of https://ana@host/a.root, tried twice"),
        (#"{"url":"davs://u:p@h/x?access_token=abc","n":1}"#, #"{"url":"davs://u@h/x?access_token=***","n":1}"#),
        (#"[\"https://u:p@h\",2]"#, #"[\"https://u@h\",2]"#),
        (#"line\nhttps://u:p@h/"#, #"line\nhttps://u@h/"#),
        ("root://proxy//root://u:p@h//a", "root://proxy//root://u@h//a"),
        ("https://h/?next=https://u:p@h2/&sig=1 then http://v:q@k", "https://h/?next=https://u@h2/&sig=*** then http://v@k"),
        ("s3://b/k?X-Amz-Signature=ab#access_token=cd&x=1", "s3://b/k?X-Amz-Signature=***#access_token=***&x=1"),
        ("https://h/cb#id_token=ab;state=1", "https://h/cb#id_token=***;state=1"),
        ("https://ghp_0123456789abcdefghijklmnopqrstuvwxyz@host/repo", "https://***@host/repo"),
    ])
    func urlsLoseThem(text: String, shown: String) {
        #expect(Secrets.hidden(in: text) == shown)
    }

    @Test(arguments: [
        "", "://", "a://", "no URL at all: //", "https://host:8443/a@b?file=3", "file:///data/a b", "https://ana@host/x",
        #"{"a":"b://c"}"#, "Ünïcode https://höst/päth",
    ])
    func whatHasNoneStaysAsItIs(text: String) {
        #expect(Secrets.hidden(in: Array(text.utf8)) == nil)
    }
}
