"""The appointment book: who comes when, and how each visit ends."""

from datetime import date, datetime, time, timedelta

from samples.chance import poisson, weighted
from samples.practice.booking import Book
from samples.practice.opening import is_open
from samples.practice.options import Options
from samples.practice.patients import Patient, Patients
from samples.practice.staff import Employee, Staff
from samples.practice.tables import Row

VISITS_YEARLY = 4.6
WORDS = {
    "Scheduled": ("scheduled", "SCHEDULED"),
    "Completed": ("completed", "COMPLETED"),
    "Cancelled": ("cancelled", "CANCELLED"),
    "No Show": ("no-show", "NOSHOW", "No show", "no show"),
    "Checked In": ("checked in", "CHECKED IN"),
}


class Encounter:
    """One encounter; `word` is its status as the practice wrote it, `minute` its start after midnight."""

    __slots__ = ("appointment", "day", "minute", "number", "patient", "word")

    def __init__(
        self, number: int, patient: Patient, day: date, minute: int, appointment: int | None
    ) -> None:
        self.number, self.patient, self.day, self.minute = number, patient, day, minute
        self.appointment = appointment
        self.word = "Scheduled"

    def row(self, linked_since: date) -> Row:
        """The row of the table encounter; only visits since that day name their appointment."""
        start = datetime.combine(self.day, time(self.minute // 60, self.minute % 60))
        linked = self.appointment is not None and self.day >= linked_since
        person = self.patient.person_id
        return (
            f"ENC{self.number}",
            person,
            start,
            self.word,
            f"APPO{self.appointment}" if linked else None,
        )


class Appointment:
    """One appointment; its encounter is written when it is booked, or at the desk, or never."""

    __slots__ = ("booked_by", "day", "encounter", "minute", "number", "patient", "physician")

    def __init__(
        self, number: int, patient: Patient, physician: Employee, day: date, minute: int, by: str
    ) -> None:
        self.number, self.patient, self.physician, self.day, self.minute = (
            number,
            patient,
            physician,
            day,
            minute,
        )
        self.booked_by = by
        self.encounter: Encounter | None = None

    def row(self, linked_since: date) -> Row:
        """The row of the table appointment; only those from that day on say whose they are."""
        person = self.patient.person_id if self.day >= linked_since else None
        when = (self.day, self.minute, self.booked_by)
        return (f"APPO{self.number}", self.physician.employee_id, *when, person)


class Visits:
    """The book and the encounters. `appointments` and `encounters` hold the rows that may still change."""

    def __init__(self, options: Options, staff: Staff, patients: Patients) -> None:
        self._chance = options.stream("visits")
        self._book = Book(options.stream("booking"), staff)
        self._staff, self._patients = staff, patients
        self._since = options.linked_since
        self._count = self._written = 0
        self._today: dict[date, list[Appointment]] = {}
        self._cancelled: dict[date, list[Appointment]] = {}
        self._documented: dict[date, list[Encounter]] = {}
        self._walk_ins = 0.05 * VISITS_YEARLY / 300
        self.appointments: dict[int, Appointment] = {}
        self.encounters: dict[int, Encounter] = {}
        self.settled_appointments: list[Row] = []
        self.settled_encounters: list[Row] = []

    def hand_over(self, gone: Employee) -> None:
        """Give the coming appointments of a physician who left to each patient's new one."""
        for appointment in self.appointments.values():
            if appointment.physician is gone:
                appointment.physician = appointment.patient.physician

    def live(self, today: date) -> list[Encounter]:
        """One day at the practice; the encounters whose documentation was finished, to be billed."""
        self.settled_appointments, self.settled_encounters = [], []
        done = self._documented.pop(today, [])
        for encounter in done:
            self._finish(encounter, "Completed")
        for appointment in self._cancelled.pop(today, []):
            self._finish(appointment.encounter or self._write(appointment), "Cancelled")
        for appointment in self._today.pop(today, []):
            self._happen(appointment, today, done)
            del self.appointments[appointment.number]
            self.settled_appointments.append(appointment.row(self._since))
        if is_open(today):
            for _ in range(poisson(self._chance, self._walk_ins * len(self._patients))):
                self._walk_in(today, done)
            self._take_calls(today)
        return done

    def _take_calls(self, today: date) -> None:
        self._book.turn_to(today)
        desk = self._staff.desk
        for _ in range(poisson(self._chance, VISITS_YEARLY / 303 * len(self._patients))):
            patient = self._patients.anyone(self._chance.random())
            slot = self._book.find(patient.physician, today)
            if slot is not None:
                self._enter(patient, slot, today, self._book.booked_by(desk))

    def _enter(self, patient: Patient, slot: tuple[date, int], today: date, by: str) -> None:
        chance = self._chance
        self._count += 1
        appointment = Appointment(self._count, patient, patient.physician, *slot, by)
        self.appointments[self._count] = appointment
        self._today.setdefault(slot[0], []).append(appointment)
        if chance.random() < 0.75:
            self._write(appointment)
        ahead = (slot[0] - today).days
        if ahead > 1 and chance.random() < 0.08:
            day = today + timedelta(days=chance.randint(1, ahead - 1))
            self._cancelled.setdefault(day, []).append(appointment)

    def _write(self, appointment: Appointment) -> Encounter:
        self._written += 1
        day, minute = appointment.day, appointment.minute
        encounter = Encounter(self._written, appointment.patient, day, minute, appointment.number)
        encounter.word = self._word("Scheduled")
        self.encounters[self._written] = appointment.encounter = encounter
        return encounter

    def _word(self, status: str) -> str:
        return self._chance.choice(WORDS[status]) if self._chance.random() < 0.12 else status

    def _finish(self, encounter: Encounter, status: str) -> None:
        encounter.word = self._word(status)
        self._close(encounter)

    def _close(self, encounter: Encounter) -> None:
        del self.encounters[encounter.number]
        self.settled_encounters.append(encounter.row(self._since))

    def _happen(self, appointment: Appointment, today: date, done: list[Encounter]) -> None:
        """The hour has come: kept, missed, cancelled at the door, or not recorded."""
        chance, encounter = self._chance, appointment.encounter
        if encounter is not None and encounter.number not in self.encounters:
            return
        fate = chance.random()
        if fate < 0.012:
            if encounter is not None:
                self._close(encounter)
            return
        encounter = encounter or self._write(appointment)
        missed = appointment.patient.misses
        if today.weekday() == 0 and appointment.minute < 10 * 60:
            missed = min(0.8, missed * 2.5 + 0.05)
        if not appointment.patient.present or fate < 0.03:
            self._finish(encounter, "Cancelled")
        elif chance.random() < missed:
            self._finish(encounter, "No Show")
            if chance.random() < 0.03:
                self._walk_in(today, done, appointment)
        else:
            self._keep(encounter, today, done)

    def _keep(self, encounter: Encounter, today: date, done: list[Encounter]) -> None:
        chance = self._chance
        if chance.random() < 0.04:
            encounter.minute += chance.randint(3, 12)
        fate = chance.random()
        if fate < 0.02:
            self._finish(encounter, "Checked In")
        elif fate < 0.10:
            encounter.word = self._word("Checked In")
            later = today + timedelta(days=weighted(chance, (1, 2, 3), (6, 2, 1)))
            self._documented.setdefault(later, []).append(encounter)
        else:
            self._finish(encounter, "Completed")
            done.append(encounter)

    def _walk_in(
        self, today: date, done: list[Encounter], missed: Appointment | None = None
    ) -> None:
        """A visit without an appointment, or of one who missed it and came later the same day."""
        patient = missed.patient if missed else self._patients.anyone(self._chance.random())
        minute = (
            self._chance.randint(17 * 60, 17 * 60 + 29)
            if missed
            else self._chance.randint(9 * 60, 12 * 60 - 1)
        )
        self._written += 1
        encounter = Encounter(
            self._written, patient, today, minute, missed.number if missed else None
        )
        self.encounters[encounter.number] = encounter
        self._finish(encounter, "Completed")
        done.append(encounter)
