import MartletStorage
import Testing

@Suite struct AWSProfilesTests {
    @Test func profilesAreRead() {
        let profiles = AWSProfiles(
            """
            # the keys of the group
            [default]
            aws_access_key_id = AKID1
            aws_secret_access_key=se#cr=et/1+\t
            stray
            [ tth ]
            AWS_ACCESS_KEY_ID = AKID2 # of 2024
            aws_secret_access_key = secret2
            aws_session_token = token==
            s3 =
              max_concurrent_requests = 20
            [profile desy]
            region = de
            [profile "with space"]
            region = eu
            [half]
            aws_access_key_id = AKID3
            """)
        #expect(profiles.names == ["default", "desy", "half", "tth", "with space"])
        #expect(profiles.credentials(of: "default") == AWSCredentials(accessKey: "AKID1", secretKey: "se#cr=et/1+"))
        #expect(
            profiles.credentials(of: "tth")
                == AWSCredentials(accessKey: "AKID2", secretKey: "secret2", sessionToken: "token=="))
        #expect(profiles.credentials(of: "half") == nil)
        #expect(profiles["desy", "region"] == "de" && profiles["with space", "region"] == "eu")
        #expect(profiles["tth", "s3"] == nil && profiles["tth", "max_concurrent_requests"] == nil)
    }

    @Test func nothingIsReadOfNoProfiles() {
        for text in ["", "[", "]x[", "aws_access_key_id = A", "\u{0}\u{1}=\u{2}", "[default"] {
            #expect(AWSProfiles(text).credentials(of: "default") == nil)
        }
    }
}
