package dev.outboard.integration.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.outboard.integration.UserException;
import dev.outboard.integration.config.Installed;
import dev.outboard.integration.daemon.Composition;
import dev.outboard.integration.wire.Json;
import dev.outboard.integration.wire.TransportView;
import dev.outboard.spi.TransportProvider;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code outboard transports}: those that are installed; no daemon need run. */
@Command(
    name = "transports",
    description = "List the transports: whether they can run here, and their settings.",
    mixinStandardHelpOptions = true)
final class TransportsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ApiOption api;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "A configuration whose plugins count, too.")
  private Path config;

  @Option(names = "--json", description = "Print JSON, as GET /transports of the API.")
  private boolean json;

  @Override
  public Integer call() throws UserException, JsonProcessingException {
    Installed installed =
        Composition.of(api.orElse(Path.of("/nowhere")).settings(config)).installed();
    List<TransportView> transports =
        installed.transports().values().stream()
            .sorted(Comparator.comparing(TransportProvider::name))
            .map(each -> TransportView.of(each, installed.plugin(each.name())))
            .toList();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(Json.api().writeValueAsString(transports));
    } else {
      transports.forEach(transport -> print(out, transport));
    }
    out.flush();
    return 0;
  }

  private static void print(PrintWriter out, TransportView transport) {
    String from = transport.plugin().isEmpty() ? "" : " (plugin " + transport.plugin() + ")";
    out.println(
        transport.usable()
            ? transport.name() + from + ": usable"
            : "%s%s: not usable here: %s; %s"
                .formatted(transport.name(), from, transport.reason(), transport.remedy()));
    if (transport.settings().isEmpty()) {
      return;
    }
    Table table = new Table("  SETTING", "TYPE", "DEFAULT", "MEANING");
    for (TransportView.SettingView setting : transport.settings()) {
      table.row("  " + setting.name(), setting.type(), setting.defaultValue(), setting.help());
    }
    out.print(table);
  }
}
