package dev.outboard.lab;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * A real sshd with keys and settings of its own, and the settings of a client that may log in.
 * Nothing of the machine's own ssh is used or changed, but for the directory that sshd insists on,
 * which goes again if it was not there.
 */
public final class SshServer implements AutoCloseable {
  private static final Path SERVER = Path.of("/usr/sbin/sshd");
  private static final Path PRIVILEGE_SEPARATION = Path.of("/run/sshd");
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(20);

  private final Process process;
  private final Path clientConfig;
  private final boolean madeDirectory;

  /** One on this machine's loopback device; the client's name for it is {@code other}. */
  public SshServer(Path directory) throws IOException, InterruptedException {
    this(directory, "other", command -> command, "127.0.0.1", freePort());
  }

  /**
   * Starts one; returns when it listens.
   *
   * @param name the client's name for it
   * @param wrapper changes commands, as to run in a network namespace
   */
  public SshServer(
      Path directory, String name, UnaryOperator<List<String>> wrapper, String address, int port)
      throws IOException, InterruptedException {
    madeDirectory = !Files.exists(PRIVILEGE_SEPARATION);
    if (madeDirectory) {
      Files.createDirectory(PRIVILEGE_SEPARATION);
    }
    Path hostKey = key(directory, "host");
    Path userKey = key(directory, "user");
    Path config = directory.resolve("sshd_config");
    Files.writeString(
        config,
        """
        Port %d
        ListenAddress %s
        HostKey %s
        AuthorizedKeysFile %s.pub
        StrictModes no
        UsePAM no
        PasswordAuthentication no
        PermitRootLogin prohibit-password
        PidFile none
        """
            .formatted(port, address, hostKey, userKey));
    Path known = directory.resolve("known_hosts");
    Files.writeString(known, "[" + address + "]:" + port + " " + Files.readString(pub(hostKey)));
    clientConfig = directory.resolve("ssh_config");
    Files.writeString(
        clientConfig,
        """
        Host %s
          HostName %s
          Port %d
          User %s
          IdentityFile %s
          IdentitiesOnly yes
          UserKnownHostsFile %s
          StrictHostKeyChecking yes
        """
            .formatted(name, address, port, System.getProperty("user.name"), userKey, known));
    List<String> command = List.of(SERVER.toString(), "-D", "-e", "-f", config.toString());
    process =
        new ProcessBuilder(wrapper.apply(command))
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("sshd.log").toFile())
            .start();
    awaitListening(directory.resolve("sshd.log"));
  }

  /** Whether there is one to start. */
  public static boolean isInstalled() {
    return Files.isExecutable(SERVER);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static Path key(Path directory, String name) {
    Path file = directory.resolve("key-" + name);
    Processes.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file.toString());
    return file;
  }

  private static Path pub(Path key) {
    return key.resolveSibling(key.getFileName() + ".pub");
  }

  private void awaitListening(Path log) throws IOException, InterruptedException {
    long end = System.nanoTime() + PATIENCE;
    while (!Files.readString(log).contains("Server listening on")) {
      if (System.nanoTime() > end || !process.isAlive()) {
        close();
        throw new IOException("sshd does not listen: " + Files.readString(log));
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  /** For {@code ssh -F}. */
  public Path clientConfig() {
    return clientConfig;
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().onExit().join();
    if (madeDirectory) {
      try {
        Files.deleteIfExists(PRIVILEGE_SEPARATION);
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
