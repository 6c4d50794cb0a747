package dev.outboard.integration.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.integration.UserException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code outboard plugins}: what third parties have added to a daemon, and adding more. */
@Command(
    name = "plugins",
    description = {
      "List a daemon's plugins, or load one while it runs.",
      "A plugin is a folder of jars in the directory that 'outboard run' was told; docs/plugins.md."
    },
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {PluginsCommand.ListAll.class, PluginsCommand.Load.class},
    mixinStandardHelpOptions = true)
final class PluginsCommand {
  private PluginsCommand() {}

  @Command(
      name = "list",
      description = "List the plugins: loaded, refused and not loaded.",
      mixinStandardHelpOptions = true)
  static final class ListAll extends Caller implements Callable<Integer> {
    @Override
    public Integer call() throws UserException, JsonProcessingException {
      return call("GET", "/plugins", "", ListAll::table);
    }

    private static String table(JsonNode plugins) {
      Table table = new Table("PLUGIN", "STATE", "KIND", "NAME", "SPI", "NOTE");
      for (JsonNode plugin : plugins) {
        table.row(
            plugin.path("name").asText(),
            plugin.path("state").asText(),
            plugin.path("kind").asText(),
            plugin.path("provides").asText(),
            plugin.path("spi_version").asText(),
            plugin.path("note").asText());
      }
      return table.toString();
    }
  }

  @Command(
      name = "load",
      description = {
        "Load a plugin into the running daemon.",
        "Its folder must be in the daemon's plugin directory. What was loaded stays until the daemon"
            + " ends."
      },
      mixinStandardHelpOptions = true)
  static final class Load extends Caller implements Callable<Integer> {
    @Parameters(paramLabel = "NAME", description = "The name of its folder.")
    private String name;

    @Override
    public Integer call() throws UserException, JsonProcessingException {
      return call("PUT", Ids.path("/plugins/", "plugin", name), "", Load::line);
    }

    private static String line(JsonNode plugin) {
      String note = plugin.path("note").asText();
      return "plugin %s: %s '%s' is %s%s%n"
          .formatted(
              plugin.path("name").asText(),
              plugin.path("kind").asText(),
              plugin.path("provides").asText(),
              plugin.path("state").asText().equals("loaded")
                  ? "loaded"
                  : "good, and used from the daemon's next start on",
              note.isEmpty() ? "" : ", but " + note);
    }
  }
}
