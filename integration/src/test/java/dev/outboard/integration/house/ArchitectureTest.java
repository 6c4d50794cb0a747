package dev.outboard.integration.house;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;

/** Who may see whom, module by module: the design's arrows, checked on the compiled classes. */
@AnalyzeClasses(packages = "dev.outboard", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
  private static final String SPI = "dev.outboard.spi..";
  private static final String TESTKIT = "dev.outboard.testkit..";
  private static final String PACKET = "dev.outboard.packet..";
  private static final String LINUX = "dev.outboard.linux..";
  private static final String DPDK_CALLS = "dev.outboard.transport.dpdk.ffi..";
  private static final String ENGINE = "dev.outboard.engine..";
  private static final String GUEST = "dev.outboard.guest..";
  private static final String TRANSPORTS = "dev.outboard.transport..";
  private static final String ISOLATION = "dev.outboard.isolation..";
  private static final String INTEGRATION = "dev.outboard.integration..";
  private static final String JAVA = "java..";

  @ArchTest static final ArchRule spiNeedsTheJdkOnly = only(SPI, SPI, JAVA);

  @ArchTest static final ArchRule packetNeedsTheSpiOnly = only(PACKET, PACKET, SPI, JAVA);

  @ArchTest static final ArchRule linuxNeedsNothingOfOurs = only(LINUX, LINUX, JAVA);

  @ArchTest
  static final ArchRule engineNamesNoTransport = only(ENGINE, ENGINE, SPI, PACKET, LINUX, JAVA);

  @ArchTest
  static final ArchRule guestDriverStandsInForAnotherProcess =
      never(GUEST, ENGINE, TRANSPORTS, INTEGRATION);

  @ArchTest
  static final ArchRule transportsStandOnTheSpi = never(TRANSPORTS, ENGINE, GUEST, INTEGRATION);

  @ArchTest
  static final ArchRule isolationPoliciesNeedTheSpiOnly = only(ISOLATION, ISOLATION, SPI, JAVA);

  @ArchTest
  static final ArchRule theKitNeedsWhatItsUsersHave =
      only(
          TESTKIT,
          TESTKIT,
          SPI,
          PACKET,
          LINUX,
          JAVA,
          "com.sun.management..",
          "org.junit..",
          "org.opentest4j..",
          "org.apiguardian..");

  @ArchTest
  static final ArchRule transportsDoNotKnowEachOther =
      slices()
          .matching("dev.outboard.transport.(*)..")
          .should()
          .notDependOnEachOther()
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule injectionIsInIntegrationOnly =
      noClasses()
          .that()
          .resideOutsideOfPackage(INTEGRATION)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("com.google.inject..", "jakarta.inject..");

  @ArchTest
  static final ArchRule nativeCallsAreInLinuxOnlyAndThoseOfDpdkInItsRoom =
      noClasses()
          .that()
          .resideOutsideOfPackages(LINUX, DPDK_CALLS)
          .should()
          .dependOnClassesThat()
          .belongToAnyOf(Linker.class, SymbolLookup.class);

  @ArchTest
  static final ArchRule roomsOfIntegrationHaveNoCycles =
      slices().matching("dev.outboard.integration.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule nothingCallsTheCommandLine =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.outboard.integration.cli..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.outboard.integration.cli..");

  private static ArchRule only(String from, String... to) {
    return classes()
        .that()
        .resideInAPackage(from)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(to)
        .allowEmptyShould(true);
  }

  private static ArchRule never(String from, String... to) {
    return noClasses()
        .that()
        .resideInAPackage(from)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(to)
        .allowEmptyShould(true);
  }
}
