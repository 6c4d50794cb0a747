package dev.outboard.bench.peers;

import dev.outboard.bench.Child;
import dev.outboard.integration.UserException;
import dev.outboard.integration.cli.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * {@code outboard run} with two guests that reach each other by shared memory, started as the
 * launcher starts it. The whole Java machine has the one processor, its compilers and collector
 * too.
 */
final class OutboardPeer implements Peer {
  static final String NAME = "outboard";

  private static final int PATIENCE_MILLIS = 20_000;

  private final Path folder;
  private final ForeignProcess process;

  OutboardPeer(Path folder, int cpu) throws UserException {
    this.folder = folder;
    Path config = folder.resolve("outboard.yaml");
    try {
      Files.writeString(config, configuration());
    } catch (IOException e) {
      throw new UserException("can't write " + config + ": " + e.getMessage(), e);
    }
    Path log = folder.resolve("outboard.log");
    process = new ForeignProcess(NAME, Integer.toString(cpu), Map.of(), log, command(config));
    long deadline = System.nanoTime() + PATIENCE_MILLIS * 1_000_000L;
    while (!sockets().stream().allMatch(Files::exists)) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        process.close();
        throw new UserException("the daemon did not start; it said: " + Child.said(log));
      }
      Pause.millis(20);
    }
  }

  private String configuration() {
    StringBuilder text = new StringBuilder("networks: [{id: 1, mtu: 9000}]\nguests:\n");
    for (int i = 0; i < 2; i++) {
      text.append(
          "  - {id: g%d, network: 1, mac: '%s', socket: %s, frontend: virtio-user}%n"
              .formatted(i, Guests.mac(i), sockets().get(i)));
    }
    return text.toString();
  }

  private List<String> command(Path config) {
    List<String> command = Child.java(Main.class);
    command.addAll(
        List.of(
            "run", "--config", config.toString(), "--api", folder.resolve("api.sock").toString()));
    return command;
  }

  @Override
  public List<String> arms() {
    return List.of(NAME);
  }

  @Override
  public List<Path> sockets() {
    return List.of(folder.resolve("g0.sock"), folder.resolve("g1.sock"));
  }

  @Override
  public List<ForeignProcess> processes() {
    return List.of(process);
  }
}
