internal import Glibc
internal import JSON
internal import WebServer

// The language model, without streams, tools and a store.

extension SimulatorRoutes {
    // https://platform.openai.com/docs/api-reference/responses/create
    func createResponse(_ request: HTTPRequest) throws -> HTTPResponse {
        try requireStandardKey(request)
        let question = try TextRequest(request.reader())
        let answer = player.nextTextAnswer().map(TextAnswer.init) ?? TextAnswer(to: question)
        var identifiers = Identifiers()
        let body = answer.json(
            to: question,
            createdAt: Int64(time(nil)),
            identifiers: &identifiers
        )
        return .json(body, isCompressible: false)
    }
}
