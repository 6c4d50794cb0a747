package dev.outboard.integration.rest;

import dev.outboard.integration.UserException;
import dev.outboard.integration.wire.Fault;
import dev.outboard.integration.wire.Json;
import java.io.IOException;
import java.net.SocketException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.client.CompletableResponseListener;
import org.eclipse.jetty.client.ContentResponse;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.StringRequestContent;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.Transport;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** Speaks to a daemon. Used by the commands and by tests, from one thread. */
public final class ApiClient implements AutoCloseable {
  private static final int MAX_ANSWER = 256 * 1024 * 1024;
  private static final long TIMEOUT_SECONDS = 30;
  private static final int THREADS = 6;

  private final Path socket;
  private final HttpClient client;

  /** Connects with the first request. */
  public ApiClient(Path socket) {
    this.socket = socket;
    ClientConnector connector = new ClientConnector();
    connector.setSelectors(1);
    client = new HttpClient(new HttpClientTransportOverHTTP(connector));
    QueuedThreadPool threads = new QueuedThreadPool(THREADS, 1);
    threads.setName("client");
    threads.setDaemon(true);
    client.setExecutor(threads);
    client.setUserAgentField(null);
  }

  /**
   * An answer as it came.
   *
   * @param contentType empty if there is no body
   */
  public record Answer(int status, String contentType, String body) {}

  /**
   * Sends a request and gives the body of a good answer.
   *
   * @throws UserException with the API's own line if it refuses
   */
  public String call(String method, String path, String body) throws UserException {
    Answer answer = exchange(method, path, body);
    if (answer.status() >= 400) {
      throw new UserException(fault(answer));
    }
    return answer.body();
  }

  /** Sends a request and gives whatever the answer is. */
  public Answer exchange(String method, String path, String body) throws UserException {
    try {
      if (!client.isStarted()) {
        client.start();
      }
      Request request =
          client
              .newRequest("http://localhost" + path)
              .method(method)
              .transport(new Transport.TCPUnix(socket));
      if (!body.isEmpty()) {
        request.body(new StringRequestContent("application/json", body));
      }
      ContentResponse response =
          new CompletableResponseListener(request, MAX_ANSWER)
              .send()
              .get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
      String type = response.getMediaType() == null ? "" : response.getMediaType();
      return new Answer(response.getStatus(), type, response.getContentAsString());
    } catch (ExecutionException e) {
      throw unreachable(e.getCause());
    } catch (TimeoutException e) {
      throw new UserException("the daemon on " + socket + " does not answer", e);
    } catch (Exception e) {
      throw unreachable(e);
    }
  }

  private UserException unreachable(Throwable cause) {
    if (cause instanceof AccessDeniedException
        || (cause instanceof SocketException
            && String.valueOf(cause.getMessage()).contains("Permission denied"))) {
      return new UserException(
          "may not connect to " + socket + ": run as the user of the daemon", cause);
    }
    if (cause instanceof SocketException || !Files.exists(socket)) {
      return new UserException(
          "no daemon on "
              + socket
              + ": start one with './outboard run', or name its socket with --api PATH",
          cause);
    }
    return new UserException("the daemon on " + socket + " failed: " + cause.getMessage(), cause);
  }

  private static String fault(Answer answer) {
    try {
      return Json.api().readValue(answer.body(), Fault.class).faultMessage();
    } catch (IOException e) {
      return "the daemon answered with status " + answer.status();
    }
  }

  @Override
  public void close() {
    try {
      client.stop();
    } catch (Exception e) {
      System.getLogger(ApiClient.class.getName()).log(System.Logger.Level.DEBUG, "stop", e);
    }
  }
}
