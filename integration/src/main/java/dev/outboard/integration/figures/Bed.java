package dev.outboard.integration.figures;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.integration.UserException;
import dev.outboard.integration.wire.Json;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One arm between two hosts: their networks, a sidecar on each where the arm has them, and on each
 * a process with all its microVMs and the host's own sockets. Each host has one processor. Used by
 * {@link Figures}, by one thread.
 */
final class Bed implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final FigureArm arm;
  private final int pairs;
  private final List<Side> sides;

  /** What both sides have counted of one load. */
  record Result(JsonNode asked, JsonNode answered) {
    long sent() {
      return asked.path("frames_sent").asLong() + answered.path("frames_sent").asLong();
    }

    long received() {
      return asked.path("frames_received").asLong() + answered.path("frames_received").asLong();
    }

    long corrupt() {
      return asked.path("corrupt").asLong() + answered.path("corrupt").asLong();
    }
  }

  private Bed(FigureArm arm, int pairs, List<Side> sides) {
    this.arm = arm;
    this.pairs = pairs;
    this.sides = sides;
  }

  /** Makes the networks and starts the sidecars; {@link #open} comes next. */
  static Bed start(FigureArm arm, int pairs, Hosts hosts) throws UserException {
    Bed bed = new Bed(arm, pairs, hosts.open(arm));
    try {
      for (int host = 0; host < 2; host++) {
        Side side = bed.sides.get(host);
        side.ip(Wiring.devices(arm, side.link(), host, pairs));
        if (arm.hasSidecar()) {
          String config =
              Wiring.configuration(arm, side.link(), host, side.workers(), pairs, side.folder());
          side.startSidecar(config.lines().toList());
        }
      }
      return bed;
    } catch (UserException e) {
      bed.close();
      throw e;
    }
  }

  /** Waits for the sidecars and starts the microVMs; {@link #greet} comes next. */
  void open() throws UserException {
    for (int host = 0; host < 2; host++) {
      Side side = sides.get(host);
      if (arm.hasSidecar()) {
        side.awaitSidecar();
      }
      if (arm == FigureArm.TUNTAP) {
        side.ip(Wiring.ends(side.bridge(), host, pairs));
      }
      if (arm == FigureArm.IOURING) {
        // Else it would give inner frames without checksums away, and super-frames.
        side.withoutOffloads(Wiring.VXLAN);
      }
      if (arm == FigureArm.DPDK) {
        // There is no card that would fill checksums in.
        side.withoutOffloads(Wiring.end(host));
      }
    }
    for (int host = 0; host < 2; host++) {
      sides.get(host).startCrowd(words(host));
    }
  }

  private List<String> words(int host) {
    String guests =
        switch (arm) {
          case HOST -> "none";
          case VMM_TAP -> "vmm-tap";
          case TUNTAP, IOURING, DPDK -> "vhost-user";
        };
    return List.of(
        "host=" + host,
        "pairs=" + pairs,
        "guests=" + guests,
        "sockets=" + sides.get(host).folder(),
        "bridge=" + Wiring.BRIDGE,
        "ends=" + (arm == FigureArm.HOST ? "end" : "guest"));
  }

  /** Has bridges learn where everybody is. */
  void greet() throws UserException {
    for (Side side : sides) {
      JsonNode _ = answer(side, PATIENCE);
    }
    for (Side side : sides) {
      side.send("greet");
      JsonNode _ = answer(side, PATIENCE);
    }
  }

  FigureArm arm() {
    return arm;
  }

  /** Runs a load between the first so many pairs. */
  Result run(Cell cell, double seconds) throws UserException {
    Configuration way = cell.configuration();
    String words = " pairs=" + cell.vms() + " " + cell.load().words();
    Side asking = sides.getFirst();
    Side answering = sides.getLast();
    answering.send("answer from=" + way.to() + " to=" + way.from() + words);
    JsonNode _ = answer(answering, PATIENCE);
    asking.send("ask from=" + way.from() + " to=" + way.to() + " seconds=" + seconds + words);
    JsonNode asked = answer(asking, PATIENCE.plusMillis((long) (seconds * 1000)));
    answering.send("stop");
    return new Result(asked, answer(answering, PATIENCE));
  }

  private static JsonNode answer(Side side, Duration patience) throws UserException {
    String line = side.line(patience);
    try {
      JsonNode answer = Json.api().readTree(line);
      if (answer.has("error")) {
        throw new UserException("guests: " + answer.path("error").asText());
      }
      return answer;
    } catch (JsonProcessingException e) {
      throw new UserException("guests said '" + line + "'", e);
    }
  }

  /** Drops so far, by reason: those of the sidecars, and those that only the kernel knows of. */
  Map<String, Long> drops() throws UserException {
    Map<String, Long> drops = new TreeMap<>();
    for (Side side : sides) {
      side.drops().forEach((reason, count) -> drops.merge(reason, count, Long::sum));
    }
    return drops;
  }

  @Override
  public void close() {
    sides.forEach(Side::close);
  }
}
