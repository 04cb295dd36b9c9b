/// Tokens and public keys that openssl(1) made; the private keys are gone.
///
/// All expire at 4102444800, the beginning of 2100.
enum TokenFixtures {
    /// The member of a key set with the id `first`.
    static let firstKey =
        #"{"kty":"EC","crv":"P-256","kid":"first","use":"sig","x":"uUZQvN9hIijKkQKY1Nm7FU4xJlC"#
        + #"s08vQwYGRqkyuQBs","y":"NXlri9i8dbcUdtyriKyM4NBTLxyxB0q7Y_zQJkVkAdk"}"#

    /// A token of the key `first`; the user is `ada`.
    static let firstToken =
        "eyJhbGciOiJFUzI1NiIsImtpZCI6ImZpcnN0IiwidHlwIjoiSldUIn0.eyJzdWIiOiJhZGEiLCJleHAiOjQx"
        + "MDI0NDQ4MDB9.XA7eLhuOlT1z9-sdDQuw4jRqlEHszcj45dHXwcYpWbkJj-PdRIDjeLaFlla2Xnb2tV-eO4K"
        + "iLyD1Wkn_nKwf1A"

    /// The member of a key set with the id `second`.
    static let secondKey =
        #"{"kty":"EC","crv":"P-256","kid":"second","use":"sig","x":"7RCGFvBPAnhRpHfzNuWH79h27o"#
        + #"IXMX6wgLXyOzp5XK8","y":"B9Pr8IpLxa8THmBW8LDRIEgziLYT0HV6ZRbpQVQYYqY"}"#

    /// A token of the key `second`; the user is `bob`.
    static let secondToken =
        "eyJhbGciOiJFUzI1NiIsImtpZCI6InNlY29uZCIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJib2IiLCJleHAiOjQ"
        + "xMDI0NDQ4MDB9.K5EdAkVvkmMgi6hIKHeX0rUU4nTKI15J1qS_qtBL0Wv61NAmK2BFE4a6oWFSKzzm0rI5EE"
        + "xgjcC_e5hzeuY7yw"

    /// The member of a key set with the id `rsa`.
    static let rsaKey =
        #"{"kty":"RSA","alg":"RS256","kid":"rsa","use":"sig","n":"qbIP0_4J1egTUU7Pl4V69eSNxj1b"#
        + #"U9JfjfS_KI5b4sAH_j3Y8CWxq7NQzkLN22-0AjU8ZwB9J-NC-Ol9LinTSEkWS13xYCld5QoxCtZnY3av893i"#
        + #"1TiGe1FT4XituUzLMNzoieFQPObcMV2C2SBfQVKd9I110VWC73ABXLadd5R5m-L6lXcIgMFSJ2J0hroOeEDo"#
        + #"FoLRepsyZ3Y0mNLCC9IrkqBzF3xdHIojrjaRsNPJH3p5W3fuUkE1JCYagqs5q129_urx0mcyk-p5pD7U4Kvj"#
        + #"hB92WXEbHSeZqr5eE0nrI-gRH3jbS-VFQffAS13Ag58f9Rsq3Kmu1dKwvGP5Sw","e":"AQAB"}"#

    /// A token of the key `rsa`; the user is `cyd`.
    static let rsaToken =
        "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJjeWQiLCJleHAiOjQxMDI"
        + "0NDQ4MDB9.EzHhVd20utNPI6_JwaEq9xPNv-xYT8FWPrcjfvDB8bjg8uOIsjGZIvGxrM1HwRSBN9OE9cbC2l"
        + "m7AL0o9CGe_O0M4csshMr5iwdLFPDz1OlfHmE5ymyHSruD59zqM6rv5pEziNbd-oIFj8vF1Qgtdq_h-ipqdA"
        + "rgoTsK17gY1rzIDj85Jx2_zkkX_oDQ67mdN--AvW9HxGk6QWUSihxSgG5sjUmZ9ixnyLGhgK50OhuAFDHxX_"
        + "prgKjlB0eUp_l202gp6lT6YEsigjTnA-utsWwke6KPvop9b5RUKkkJML30HGH9S0Vutr9gM05FFDvqZiY-3i"
        + "CyEUfn57Qe4ZWErA"
}
