package dev.outboard.integration.figures;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.guest.CrowdMain;
import dev.outboard.integration.UserException;
import dev.outboard.integration.compare.Child;
import dev.outboard.integration.compare.Cpus;
import dev.outboard.integration.compare.HostNetwork;
import dev.outboard.integration.compare.KernelDrops;
import dev.outboard.integration.compare.Sidecar;
import dev.outboard.integration.compare.SidecarPlan;
import dev.outboard.integration.wire.Json;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
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
  private final Cpus cpus;
  private final Path directory;
  private final List<HostNetwork> networks = new ArrayList<>();
  private final List<Sidecar> sidecars = new ArrayList<>();
  private final List<Child> crowds = new ArrayList<>();

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

  private Bed(FigureArm arm, int pairs, Cpus cpus, Path directory) {
    this.arm = arm;
    this.pairs = pairs;
    this.cpus = cpus;
    this.directory = directory;
  }

  /** Makes the networks and starts the sidecars; {@link #open} comes next. */
  static Bed start(FigureArm arm, int pairs, Cpus cpus, Path directory, Class<?> daemon)
      throws UserException {
    Bed bed = new Bed(arm, pairs, cpus, directory);
    try {
      bed.start(daemon);
      return bed;
    } catch (UserException e) {
      bed.close();
      throw e;
    }
  }

  private void start(Class<?> daemon) throws UserException {
    networks.add(HostNetwork.create());
    networks.add(HostNetwork.create());
    networks.getFirst().ip(List.of(Wiring.wire(arm, networks.getLast().pid())));
    for (int host = 0; host < 2; host++) {
      networks.get(host).ip(Wiring.devices(arm, host, pairs));
      if (arm.hasSidecar()) {
        String name = arm.label() + "-" + "ab".charAt(host);
        String config = Wiring.configuration(arm, host, cpu(host), pairs, directory.resolve(name));
        sidecars.add(
            Sidecar.start(
                new SidecarPlan("sidecar " + name, name, pinned(host), config, null),
                daemon,
                directory));
      }
    }
  }

  private int cpu(int host) {
    return host == 0 ? cpus.first() : cpus.second();
  }

  /** The first words of a command that runs on a host. */
  private List<String> pinned(int host) {
    List<String> words = new ArrayList<>(networks.get(host).enter());
    words.addAll(List.of("taskset", "-c", Integer.toString(cpu(host))));
    return words;
  }

  /** Waits for the sidecars and starts the microVMs; {@link #greet} comes next. */
  void open() throws UserException {
    for (Sidecar sidecar : sidecars) {
      sidecar.awaitReady();
    }
    for (int host = 0; host < 2; host++) {
      HostNetwork network = networks.get(host);
      if (arm == FigureArm.TUNTAP) {
        network.ip(Wiring.ends(bridge(network), host, pairs));
      }
      if (arm == FigureArm.IOURING) {
        // Else it would give inner frames without checksums away, and super-frames.
        String _ =
            network.run("ethtool", "-K", Wiring.VXLAN, "tx", "off", "tso", "off", "gso", "off");
      }
    }
    for (int host = 0; host < 2; host++) {
      String name = "guests of arm " + arm.label() + " on host " + "ab".charAt(host);
      crowds.add(Child.start(name, directory, pinned(host), CrowdMain.class, words(host)));
    }
  }

  private List<String> words(int host) {
    String guests =
        switch (arm) {
          case HOST -> "none";
          case VMM_TAP -> "vmm-tap";
          case TUNTAP, IOURING -> "vhost-user";
        };
    Path sockets = directory.resolve(arm.label() + "-" + "ab".charAt(host));
    return List.of(
        "host=" + host,
        "pairs=" + pairs,
        "guests=" + guests,
        "sockets=" + sockets,
        "bridge=" + Wiring.BRIDGE,
        "ends=" + (arm == FigureArm.HOST ? "end" : "guest"));
  }

  private static String bridge(HostNetwork network) throws UserException {
    String text = network.run("ip", "-j", "link", "show", "type", "bridge");
    try {
      for (JsonNode link : Json.api().readTree(text)) {
        return link.path("ifname").asText();
      }
    } catch (JsonProcessingException e) {
      throw new UserException("ip printed no JSON: " + text, e);
    }
    throw new UserException("the sidecar's bridge is not there");
  }

  /** Has bridges learn where everybody is. */
  void greet() throws UserException {
    for (Child crowd : crowds) {
      JsonNode _ = answer(crowd, PATIENCE);
    }
    for (Child crowd : crowds) {
      crowd.send("greet");
      JsonNode _ = answer(crowd, PATIENCE);
    }
  }

  FigureArm arm() {
    return arm;
  }

  /** Runs a load between the first so many pairs. */
  Result run(Cell cell, double seconds) throws UserException {
    Configuration way = cell.configuration();
    String words = " pairs=" + cell.vms() + " " + cell.load().words();
    Child asking = crowds.getFirst();
    Child answering = crowds.getLast();
    answering.send("answer from=" + way.to() + " to=" + way.from() + words);
    JsonNode _ = answer(answering, PATIENCE);
    asking.send("ask from=" + way.from() + " to=" + way.to() + " seconds=" + seconds + words);
    JsonNode asked = answer(asking, PATIENCE.plusMillis((long) (seconds * 1000)));
    answering.send("stop");
    return new Result(asked, answer(answering, PATIENCE));
  }

  private static JsonNode answer(Child crowd, Duration patience) throws UserException {
    String line = crowd.line(patience);
    try {
      JsonNode answer = Json.api().readTree(line);
      if (answer.has("error")) {
        throw new UserException(crowd.name() + ": " + answer.path("error").asText());
      }
      return answer;
    } catch (JsonProcessingException e) {
      throw new UserException(crowd.name() + " said '" + line + "'", e);
    }
  }

  /** Drops so far, by reason: those of the sidecars, and those that only the kernel knows of. */
  Map<String, Long> drops() throws UserException {
    Map<String, Long> drops = new TreeMap<>();
    for (HostNetwork network : networks) {
      add(drops, KernelDrops.of(network.pid(), arm == FigureArm.TUNTAP, true));
    }
    for (Sidecar sidecar : sidecars) {
      add(drops, sidecar.counts().drops());
    }
    return drops;
  }

  private static void add(Map<String, Long> drops, Map<String, Long> more) {
    more.forEach((reason, count) -> drops.merge(reason, count, Long::sum));
  }

  @Override
  public void close() {
    crowds.forEach(Child::close);
    sidecars.forEach(Sidecar::close);
    networks.forEach(HostNetwork::close);
  }
}
