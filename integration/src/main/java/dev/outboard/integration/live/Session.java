package dev.outboard.integration.live;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.outboard.integration.UserException;
import dev.outboard.integration.wire.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What is changed in the daemon while it is compared, all of which {@link #close} takes back: swaps
 * that are committed but not finished, and observations. Used by the thread that compares; closed
 * by it, or by the hook that runs on Ctrl-C meanwhile.
 */
final class Session implements AutoCloseable {
  private final Daemon daemon;
  private final List<String> swaps = new ArrayList<>();
  private final Set<String> observed = new HashSet<>();
  private boolean closed;
  private int number;

  Session(Path socket) {
    daemon = new Daemon(socket);
  }

  synchronized JsonNode info() throws UserException {
    requireOpen();
    return daemon.info();
  }

  synchronized JsonNode guest(String id) throws UserException {
    requireOpen();
    return daemon.guest(id);
  }

  /** Observes these guests, but for those that somebody observes already. */
  synchronized void observe(List<String> guests) throws UserException {
    requireOpen();
    Set<String> already = daemon.observed();
    for (String guest : guests) {
      if (!already.contains(guest)) {
        JsonNode _ = daemon.ask("PUT", "/observations/" + guest, "");
        observed.add(guest);
      }
    }
  }

  /** Has these guests' frames take an arm, until {@link #back}. */
  synchronized void take(List<String> guests, String arm, Boolean localForwarding)
      throws UserException {
    String path = prepare(guests, arm, localForwarding);
    commit(path);
  }

  /** Finds out whether guests could take an arm; they don't. */
  synchronized void probe(List<String> guests, String arm, Boolean localForwarding)
      throws UserException {
    String _ = prepare(guests, arm, localForwarding);
    back();
  }

  private String prepare(List<String> guests, String arm, Boolean localForwarding)
      throws UserException {
    requireOpen();
    String path = "/swaps/live-" + ProcessHandle.current().pid() + "-" + ++number;
    ObjectNode body = Json.api().createObjectNode().put("to", arm);
    if (localForwarding != null && !arm.equals(LiveSettings.LOCAL)) {
      body.put("local_forwarding", localForwarding ? "on" : "off");
    }
    guests.forEach(body.putArray("guests")::add);
    JsonNode _ = daemon.ask("PUT", path, body.toString());
    swaps.add(path);
    return path;
  }

  private void commit(String path) throws UserException {
    String committed = Json.api().createObjectNode().put("state", "committed").toString();
    JsonNode _ = daemon.ask("PATCH", path, committed);
  }

  /** Says again what is committed, for a daemon ends swaps that nobody seems to care for. */
  synchronized void keep() throws UserException {
    requireOpen();
    for (String path : swaps) {
      commit(path);
    }
  }

  /** Puts all guests back on the ways that they had. */
  synchronized void back() throws UserException {
    while (!swaps.isEmpty()) {
      JsonNode _ = daemon.ask("DELETE", swaps.getLast(), "");
      swaps.removeLast();
    }
  }

  synchronized Snapshot snapshot(List<String> guests) throws UserException {
    requireOpen();
    return daemon.snapshot(guests);
  }

  private void requireOpen() throws UserException {
    if (closed) {
      throw new UserException("the comparison was interrupted");
    }
  }

  /** Takes everything back; says so on stderr where that fails. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      back();
    } catch (UserException e) {
      System.err.println("outboard: not put back: " + e.getMessage());
    }
    for (String guest : observed) {
      try {
        JsonNode _ = daemon.ask("DELETE", "/observations/" + guest, "");
      } catch (UserException e) {
        System.err.println("outboard: still observed: " + e.getMessage());
      }
    }
    daemon.close();
  }
}
