package dev.outboard.integration.rest;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Carries requests from Jetty to {@link Routes} and answers back. Called by Jetty's threads. */
final class RoutesHandler extends Handler.Abstract {
  private static final int MAX_BODY = 64 * 1024;

  private final Routes routes;

  RoutesHandler(Routes routes) {
    this.routes = routes;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws IOException {
    byte[] body;
    try (InputStream in = Content.Source.asInputStream(request)) {
      body = in.readNBytes(MAX_BODY + 1);
    }
    Reply reply =
        body.length > MAX_BODY
            ? Reply.fault(413, "the body is larger than " + MAX_BODY + " bytes")
            : routes.answer(
                request.getMethod(),
                Request.getPathInContext(request),
                new String(body, StandardCharsets.UTF_8));
    write(reply, response, callback);
    return true;
  }

  static void write(Reply reply, Response response, Callback callback) {
    response.setStatus(reply.status());
    if (!reply.allow().isEmpty()) {
      response.getHeaders().put(HttpHeader.ALLOW, reply.allow());
    }
    if (reply.body().isEmpty()) {
      callback.succeeded();
      return;
    }
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, reply.contentType());
    Content.Sink.write(response, true, reply.body(), callback);
  }
}
