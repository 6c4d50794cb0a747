package dev.outboard.transport.iouring;

import dev.outboard.linux.Links;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A device of {@code wireguard-go}, WireGuard in user space: an encrypted tunnel, as this kernel
 * has none. It is in the network of the thread that starts it, and ends with its process.
 */
final class Wireguard implements AutoCloseable {
  private static final long PATIENCE = 20_000_000_000L;

  /** Where the program listens for {@code wg}, whatever the network it is in. */
  private static final Path SOCKETS = Path.of("/var/run/wireguard");

  private final String device;
  private final Path key;
  private final Process process;

  private Wireguard(String device, Path key, Process process) {
    this.device = device;
    this.key = key;
    this.process = process;
  }

  /** Whether the programs are installed. */
  static boolean isInstalled() {
    return Stream.of("wireguard-go", "wg")
        .allMatch(
            name ->
                Stream.of(System.getenv("PATH").split(":", -1))
                    .anyMatch(directory -> Files.isExecutable(Path.of(directory, name))));
  }

  /** Starts one in the calling thread's network; the device is there when this returns. */
  static Wireguard start(String device, Path directory) throws Exception {
    Path key = directory.resolve(device);
    Files.writeString(key, Commands.run("wg", "genkey"));
    ProcessBuilder builder = new ProcessBuilder("wireguard-go", "-f", device);
    builder.environment().put("LOG_LEVEL", "error");
    builder.redirectErrorStream(true).redirectOutput(directory.resolve(device + ".log").toFile());
    Wireguard started = new Wireguard(device, key, builder.start());
    long deadline = System.nanoTime() + PATIENCE;
    while (Links.find(device).isEmpty() || !Files.exists(SOCKETS.resolve(device + ".sock"))) {
      if (System.nanoTime() > deadline || !started.process.isAlive()) {
        started.close();
        throw new AssertionError("wireguard-go makes no device");
      }
      Thread.sleep(10);
    }
    return started;
  }

  String publicKey() throws Exception {
    return Commands.run("sh", "-c", "wg pubkey < " + key).trim();
  }

  /** Sets the device up with an address inside, a port outside, and its only peer. */
  void connect(String address, int port, String peerKey, String peerAddress, String endpoint)
      throws Exception {
    List<String> command =
        List.of(
            "wg",
            "set",
            device,
            "listen-port",
            Integer.toString(port),
            "private-key",
            key.toString(),
            "peer",
            peerKey,
            "allowed-ips",
            peerAddress + "/32",
            "endpoint",
            endpoint);
    Commands.run(command.toArray(String[]::new));
    Commands.run("ip", "address", "add", address + "/24", "dev", device);
    Commands.run("ip", "link", "set", device, "mtu", "1420", "up");
  }

  /** Bytes that it has sent, encrypted. */
  long sent() throws Exception {
    return Long.parseLong(
        Commands.run("wg", "show", device, "transfer").trim().split("\\s", -1)[2]);
  }

  @Override
  public void close() {
    process.destroy();
    Process _ = process.onExit().orTimeout(PATIENCE, TimeUnit.NANOSECONDS).join();
  }
}
