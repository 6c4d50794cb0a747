package dev.outboard.integration.figures;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.guest.CrowdMain;
import dev.outboard.integration.UserException;
import dev.outboard.integration.compare.Child;
import dev.outboard.integration.compare.DpdkDriver;
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

/** A host that is a network namespace of this machine. */
final class LocalSide implements Side {
  private final String name;
  private final int cpu;
  private final FigureArm arm;
  private final Path directory;
  private final Class<?> daemon;
  private final HostNetwork network;
  private Sidecar sidecar;
  private Child crowd;
  private String taken;

  /**
   * Makes its network.
   *
   * @param name unique in the directory
   * @param cpu the only processor of all that is on it; -1: whichever is free
   * @param daemon the main class that understands {@code run}
   */
  LocalSide(String name, int cpu, FigureArm arm, Path directory, Class<?> daemon)
      throws UserException {
    this.name = name;
    this.cpu = cpu;
    this.arm = arm;
    this.directory = directory;
    this.daemon = daemon;
    network = HostNetwork.create();
  }

  /** The process that stands for its network. */
  long pid() {
    return network.pid();
  }

  private List<String> inside() {
    List<String> words = new ArrayList<>(network.enter());
    if (cpu >= 0) {
      words.addAll(List.of("taskset", "-c", Integer.toString(cpu)));
    }
    return words;
  }

  @Override
  public void ip(List<String> lines) throws UserException {
    network.ip(lines);
  }

  @Override
  public void withoutOffloads(String device) throws UserException {
    String _ = network.run("ethtool", "-K", device, "tx", "off", "tso", "off", "gso", "off");
  }

  @Override
  public String bridge() throws UserException {
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

  @Override
  public void take(String device) throws UserException {
    network.take(device);
    taken = device;
  }

  @Override
  public String link() {
    return taken == null ? Wiring.LINK : taken;
  }

  @Override
  public void startSidecar(List<String> configuration) throws UserException {
    String text = String.join("\n", configuration);
    sidecar =
        Sidecar.start(
            new SidecarPlan("sidecar " + name, name, inside(), text, null), daemon, directory);
  }

  @Override
  public void awaitSidecar() throws UserException {
    sidecar.awaitReady();
  }

  @Override
  public void startCrowd(List<String> words) throws UserException {
    crowd = Child.start("guests " + name, directory, inside(), CrowdMain.class, words);
  }

  @Override
  public void send(String line) {
    crowd.send(line);
  }

  @Override
  public String line(Duration patience) throws UserException {
    return crowd.line(patience);
  }

  @Override
  public Map<String, Long> drops() throws UserException {
    if (arm == FigureArm.DPDK) {
      DpdkDriver.settle();
    }
    Map<String, Long> drops =
        new TreeMap<>(KernelDrops.of(network.pid(), link(), arm == FigureArm.TUNTAP, true));
    if (sidecar != null) {
      sidecar.counts().drops().forEach((reason, count) -> drops.merge(reason, count, Long::sum));
    }
    return drops;
  }

  @Override
  public String folder() {
    return directory.resolve(name).toString();
  }

  @Override
  public String workers() {
    return cpu >= 0
        ? "workers: 1\ncpus: [" + cpu + "]\n"
        : "workers: " + Math.max(1, Runtime.getRuntime().availableProcessors() / 4) + "\n";
  }

  @Override
  public void close() {
    if (crowd != null) {
      crowd.close();
    }
    if (sidecar != null) {
      sidecar.close();
    }
    try {
      if (taken != null) {
        network.back(taken);
      }
    } catch (UserException e) {
      System.getLogger("outboard").log(System.Logger.Level.WARNING, e.getMessage());
    }
    network.close();
  }
}
