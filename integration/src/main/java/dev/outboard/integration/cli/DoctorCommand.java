package dev.outboard.integration.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.outboard.integration.UserException;
import dev.outboard.integration.daemon.RunSettings;
import dev.outboard.integration.doctor.Diagnosis;
import dev.outboard.integration.doctor.Doctor;
import dev.outboard.integration.doctor.Finding;
import dev.outboard.integration.wire.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code outboard doctor}: whether the daemon can run here, and what to do where it can't. */
@Command(
    name = "doctor",
    description = {
      "Look at this host: can the daemon run here, with so many guests, and which transports,",
      "notifiers and VMMs can be used? Needs no daemon and changes nothing.",
      "",
      "Exit code 0: the daemon can run; 1: something that it needs is missing (lines with 'no')."
    },
    mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
  private static final int MAX_GUESTS = 65_536;

  @Spec private CommandSpec spec;
  @Mixin private ApiOption api;

  @Option(
      names = "--guests",
      paramLabel = "N",
      defaultValue = "100",
      description = "For how many guests limits shall be enough (default: ${DEFAULT-VALUE}).")
  private int guests;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The configuration that shall run (default: none, all defaults).")
  private Path config;

  @Option(names = "--json", description = "Print JSON; docs/doctor.md says what is in it.")
  private boolean json;

  @Override
  public Integer call()
      throws UserException, IOException, InterruptedException, JsonProcessingException {
    if (guests < 1 || guests > MAX_GUESTS) {
      throw UserException.input(
          "--guests must be between 1 and " + MAX_GUESTS + ", not " + guests, null);
    }
    Diagnosis diagnosis = Doctor.examine(settings(), guests);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(Json.api().writeValueAsString(diagnosis));
    } else {
      print(out, diagnosis);
    }
    out.flush();
    return diagnosis.usable() ? 0 : 1;
  }

  private RunSettings settings() throws UserException {
    return api.orElse(Path.of("/run/outboard/api.sock")).settings(config);
  }

  private void print(PrintWriter out, Diagnosis diagnosis) {
    String group = "";
    for (Finding finding : diagnosis.checks()) {
      if (!finding.group().equals(group)) {
        group = finding.group();
        out.println((group.equals("limit") ? "limits for " + guests + " guests" : group) + ":");
      }
      out.printf("  %-5s%-17s %s%n", finding.state(), finding.name(), finding.found());
      if (!finding.remedy().isEmpty()) {
        out.printf("  %-5s%-17s -> %s%n", "", "", finding.remedy());
      }
    }
    out.println(
        diagnosis.usable()
            ? "The daemon can run here."
            : "The daemon can't run here like this: see the lines with 'no'.");
  }
}
