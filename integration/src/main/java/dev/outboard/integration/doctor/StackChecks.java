package dev.outboard.integration.doctor;

import dev.outboard.integration.UserException;
import dev.outboard.integration.config.Installed;
import dev.outboard.integration.config.Plan;
import dev.outboard.integration.daemon.Composition;
import dev.outboard.integration.daemon.RunSettings;
import dev.outboard.integration.wire.PluginView;
import dev.outboard.spi.TransportProvider;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The sidecar's own parts: the configuration, the API's place, transports, notifiers. */
final class StackChecks {
  private static final String STACK = "stack";

  private final RunSettings settings;
  private final Composition composition;
  private final List<Finding> findings = new ArrayList<>();
  private Plan plan;

  StackChecks(RunSettings settings) {
    this.settings = settings;
    composition = Composition.of(settings);
    platform();
    configuration();
    try {
      installed(composition.installed());
      composition.plugins().forEach(plugin -> findings.add(plugin(plugin)));
    } catch (UserException e) {
      findings.add(
          Finding.no(STACK, "installation", e.getMessage(), "install it again, or fix the plugin"));
    }
  }

  List<Finding> findings() {
    return findings;
  }

  /** Empty if the configuration is wrong. */
  Optional<Plan> plan() {
    return Optional.ofNullable(plan);
  }

  private void platform() {
    String os = System.getProperty("os.name") + " on " + System.getProperty("os.arch");
    String java = "JDK " + Runtime.version() + ", " + os;
    findings.add(
        os.equals("Linux on amd64")
            ? Finding.ok(STACK, "platform", java)
            : Finding.no(STACK, "platform", java, "use Linux on x86-64"));
  }

  private void configuration() {
    String name = settings.config().map(Path::toString).orElse("none, all defaults");
    try {
      plan = composition.plan();
      findings.add(Finding.ok(STACK, "configuration", name + "; " + plan.threads()));
      api(plan.api().socket());
    } catch (UserException e) {
      findings.add(
          Finding.no(
              STACK,
              "configuration",
              e.getMessage(),
              "put that right; 'outboard check-config FILE' checks it again"));
    }
  }

  private void api(Path socket) {
    Path existing = socket.getParent();
    while (!Files.exists(existing)) {
      existing = existing.getParent();
    }
    if (!Files.isDirectory(existing) || !Files.isWritable(existing)) {
      findings.add(
          Finding.no(
              STACK,
              "api",
              "this user can't make " + socket + " (" + existing + " is not writable)",
              "run as root, set XDG_RUNTIME_DIR, or use --api PATH in a directory of yours"));
    } else if (isServed(socket)) {
      findings.add(
          Finding.warn(
              STACK,
              "api",
              "a daemon runs on " + socket + " already",
              "that is fine; 'outboard run --take-over' replaces it"));
    } else {
      findings.add(Finding.ok(STACK, "api", socket.toString()));
    }
  }

  private static boolean isServed(Path socket) {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      return channel.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  private static Finding plugin(PluginView plugin) {
    String what = plugin.kind() + " " + plugin.provides() + ", SPI " + plugin.spiVersion();
    return plugin.state().equals("refused")
        ? Finding.warn(
            "plugin",
            plugin.name(),
            "refused: " + plugin.note(),
            "put that right or remove the folder; 'outboard plugins load NAME' tries again")
        : Finding.ok("plugin", plugin.name(), what);
  }

  private void installed(Installed installed) {
    installed.transports().values().stream()
        .sorted(Comparator.comparing(TransportProvider::name))
        .map(transport -> Finding.of("transport", transport.name(), transport.probe()))
        .forEach(findings::add);
    installed.notifiers().stream()
        .map(notifier -> Finding.of("notifier", notifier.name(), notifier.probe()))
        .forEach(findings::add);
  }
}
