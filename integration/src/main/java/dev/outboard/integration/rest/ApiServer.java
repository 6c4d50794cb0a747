package dev.outboard.integration.rest;

import dev.outboard.integration.UserException;
import jakarta.inject.Inject;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.unixdomain.server.UnixDomainServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * The API's server on its Unix socket. Started and stopped by the daemon; asleep while nobody
 * calls.
 */
public final class ApiServer {
  private static final int MAX_THREADS = 8;
  private static final long STOP_MILLIS = 1_000;

  private final Routes routes;
  private final ApiSocket socket;
  private final SwapsResource swaps;
  private Server server;

  @Inject
  ApiServer(Routes routes, ApiSocket socket, SwapsResource swaps) {
    this.routes = routes;
    this.swaps = swaps;
    this.socket = socket;
  }

  /** Answers from when this returns. The socket has been claimed before. */
  public void start() throws UserException {
    startUnseen();
    socket.publish();
  }

  /** Is ready to answer; nobody finds it until the socket is taken over. */
  public void startUnseen() throws UserException {
    QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, 1);
    threads.setName("api");
    threads.setDaemon(true);
    server = new Server(threads);
    server.setErrorHandler(ApiServer::error);
    server.setHandler(new RoutesHandler(routes));
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    http.setSendDateHeader(false);
    UnixDomainServerConnector connector =
        new UnixDomainServerConnector(server, 0, 1, new HttpConnectionFactory(http));
    connector.setUnixDomainPath(socket.privatePath());
    server.addConnector(connector);
    server.setStopTimeout(STOP_MILLIS);
    try {
      server.start();
    } catch (Exception e) {
      throw new UserException("can't listen on " + socket.path() + ": " + e.getMessage(), e);
    }
  }

  /** Ends the server; the socket is released by who claimed it. */
  public void stop() {
    swaps.stop();
    try {
      if (server != null) {
        server.stop();
      }
    } catch (Exception e) {
      System.getLogger(ApiServer.class.getName()).log(System.Logger.Level.DEBUG, "stop", e);
    }
  }

  private static boolean error(Request request, Response response, Callback callback) {
    Object message = request.getAttribute(ErrorHandler.ERROR_MESSAGE);
    int status = response.getStatus() == 0 ? 500 : response.getStatus();
    RoutesHandler.write(
        Reply.fault(status, message == null ? "the request failed" : message.toString()),
        response,
        callback);
    return true;
  }
}
