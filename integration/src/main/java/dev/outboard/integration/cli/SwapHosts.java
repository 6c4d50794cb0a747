package dev.outboard.integration.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.outboard.integration.UserException;
import dev.outboard.integration.rest.ApiClient;
import dev.outboard.integration.ssh.SshForward;
import dev.outboard.integration.wire.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The hosts on which a swap is under way; whoever ends before it is finished puts it back. Used by
 * {@link SwapCommand}'s thread, and by the hook of Ctrl-C.
 */
final class SwapHosts implements AutoCloseable {
  private final String path;
  private final List<Host> hosts = new ArrayList<>();

  /** A daemon that takes part. */
  static final class Host {
    private final String name;
    private final Path socket;
    private final SshForward forward;
    private boolean isPrepared;
    private List<String> guests = List.of();

    private Host(String name, Path socket, SshForward forward) {
      this.name = name;
      this.socket = socket;
      this.forward = forward;
    }

    /** The guests that the swap is about here. */
    List<String> guests() {
      return guests;
    }

    /** Whatever a daemon answers. */
    JsonNode ask(String method, String path, String body) throws UserException {
      try (ApiClient client = new ApiClient(socket)) {
        String answer = client.call(method, path, body);
        return Json.api().readTree(answer.isEmpty() ? "null" : answer);
      } catch (UserException e) {
        throw new UserException(name + ": " + reason(e), e);
      } catch (JsonProcessingException e) {
        throw new UserException(name + ": answered what is no JSON", e);
      }
    }

    private String reason(UserException e) {
      boolean isRefusal = e.getCause() == null;
      return forward == null || isRefusal
          ? e.getMessage()
          : "no daemon answers there: start one, or name its socket as ssh://host/path";
    }
  }

  SwapHosts(String path) {
    this.path = path;
  }

  /** A daemon on this machine. */
  synchronized void add(Path socket) {
    hosts.add(new Host(socket.toString(), socket, null));
  }

  /** A daemon by its socket, or by ssh on another machine. */
  synchronized void add(String peer, Path sshConfig) throws UserException {
    if (SshForward.isAddress(peer)) {
      SshForward forward = SshForward.open(peer, sshConfig);
      hosts.add(new Host(peer, forward.socket(), forward));
    } else {
      add(Path.of(peer).toAbsolutePath().normalize());
    }
  }

  synchronized List<Host> all() {
    return List.copyOf(hosts);
  }

  synchronized void prepare(String body) throws UserException {
    for (Host host : hosts) {
      JsonNode answer = host.ask("PUT", path, body);
      host.isPrepared = true;
      host.guests = answer.path("guests").valueStream().map(JsonNode::asText).toList();
    }
  }

  /** Has all take the new way. */
  synchronized void commit() throws UserException {
    for (Host host : hosts) {
      JsonNode _ = host.ask("PATCH", path, state("committed").toString());
    }
  }

  /** Has some of a host's guests take the new way. */
  synchronized void commit(Host host, List<String> guests) throws UserException {
    ObjectNode body = state("committed");
    guests.forEach(body.putArray("guests")::add);
    JsonNode _ = host.ask("PATCH", path, body.toString());
  }

  /** Tells the daemons that somebody still cares. */
  synchronized void renew() throws UserException {
    for (Host host : hosts) {
      JsonNode _ = host.ask("GET", path, "");
    }
  }

  synchronized List<JsonNode> finish() throws UserException {
    List<JsonNode> answers = new ArrayList<>();
    for (Host host : hosts) {
      answers.add(host.ask("PATCH", path, state("finished").toString()));
      host.isPrepared = false;
    }
    return answers;
  }

  private static ObjectNode state(String state) {
    return Json.api().createObjectNode().put("state", state);
  }

  /** Puts back what is not finished, on as many hosts as can be reached, and lets go of them. */
  @Override
  public synchronized void close() {
    for (Host host : hosts) {
      try {
        if (host.isPrepared) {
          JsonNode _ = host.ask("DELETE", path, "");
        }
      } catch (UserException e) {
        System.err.println("outboard: not put back: " + e.getMessage());
      }
    }
    for (Host host : hosts) {
      if (host.forward != null) {
        host.forward.close();
      }
    }
    hosts.clear();
  }
}
