"""The tables of an OpenEMR of version 7 that its contract reads, in our own words, and a few invented rows of each.

Names and types are those of its public schema. What the contract does not read is text here, whatever it is there, but
for what an extract must cope with: a uuid is bytes, `last_updated` is an instant.
"""

from collections.abc import Iterator

TEXT = "varchar(100) default ''"
ZERO_DATE = "date not null default '0000-00-00'"
TABLES = {
    "patient_data": (
        "id bigint auto_increment unique, pid bigint not null default 0 unique, DOB date, providerID int,"
        " regdate datetime, deceased_date datetime, date datetime, financial_review datetime",
        "pubpid fname mname lname sex street city state postal_code email phone_cell title language financial"
        " country_code drivers_license ss occupation phone_home phone_biz phone_contact pharmacy_id status"
        " contact_relationship referrer referrerID ref_providerID email_direct ethnoracial race ethnicity religion"
        " interpretter interpreter_needed migrantseasonal family_size monthly_income billing_note homeless"
        " genericname1 genericval1 genericname2 genericval2 hipaa_mail hipaa_voice hipaa_notice hipaa_message"
        " hipaa_allowsms hipaa_allowemail squad fitness referral_source usertext1 usertext2 usertext3 usertext4"
        " usertext5 usertext6 usertext7 usertext8 userlist1 userlist2 userlist3 userlist4 userlist5 userlist6"
        " userlist7 pricelevel contrastart completed_ad ad_reviewed advance_directive_user_authenticator vfc"
        " mothersname guardiansname allow_imm_reg_use allow_imm_info_share allow_health_info_ex allow_patient_portal"
        " deceased_reason soap_import_status cmsportal_login care_team_provider care_team_facility care_team_status"
        " county industry imm_reg_status imm_reg_stat_effdate publicity_code publ_code_eff_date protect_indicator"
        " prot_indi_effdate guardianrelationship guardiansex guardianaddress guardiancity guardianstate"
        " guardianpostalcode guardiancountry guardianphone guardianworkphone guardianemail sexual_orientation"
        " gender_identity birth_fname birth_lname birth_mname dupscore name_history suffix street_line_2"
        " patient_groups prevent_portal_apps provider_since_date created_by updated_by preferred_name"
        " nationality_country tribal_affiliations sex_identified pronoun",
    ),
    "insurance_companies": (
        "id int not null default 0 primary key, ins_type_code int, inactive tinyint(1) not null default 0",
        "name cms_id attn x12_receiver_id x12_default_partner_id alt_cms_id eligibility_id"
        " x12_default_eligibility_id cqm_sop date_created",
    ),
    "insurance_data": (
        "id bigint auto_increment primary key, pid bigint not null default 0,"
        " type enum('primary','secondary','tertiary'), date date, date_end date, unique (pid, type, date)",
        "provider plan_name policy_number group_number copay subscriber_lname subscriber_mname subscriber_fname"
        " subscriber_relationship subscriber_ss subscriber_DOB subscriber_street subscriber_postal_code"
        " subscriber_city subscriber_state subscriber_country subscriber_phone subscriber_employer"
        " subscriber_employer_street subscriber_employer_postal_code subscriber_employer_state"
        " subscriber_employer_country subscriber_employer_city subscriber_sex accept_assignment policy_type"
        " subscriber_street_line_2 subscriber_employer_street_line_2",
    ),
    "users": (
        "id bigint auto_increment primary key, authorized tinyint(1), calendar tinyint(1) not null default 0,"
        " active tinyint(1) not null default 1, facility_id int not null default 0",
        "username fname lname title npi email phone abook_type password info source mname suffix federaltaxid"
        " federaldrugid upin facility see_auth specialty billname email_direct google_signin_email url assistant"
        " organization valedictory street streetb city state zip country_code street2 streetb2 city2 state2 zip2"
        " country_code2 fax phonew1 phonew2 phonecell notes cal_ui taxonomy default_warehouse irnpool"
        " state_license_number weno_prov_id newcrop_user_role cpoe physician_type main_menu_role patient_menu_role"
        " portal_user supervisor_id billing_facility billing_facility_id date_created",
    ),
    "facility": (
        "id int auto_increment primary key, service_location tinyint(1) not null default 1,"
        " billing_location tinyint(1) not null default 1, pos_code tinyint, inactive tinyint(1) not null default 0",
        "name phone fax street city state postal_code country_code federal_ein website email accepts_assignment"
        " x12_sender_id attn domain_identifier facility_npi facility_taxonomy tax_id_type color"
        " primary_business_entity facility_code extra_validation mail_street mail_street2 mail_city mail_state"
        " mail_zip oid iban info weno_id date_created organization_type",
    ),
    "openemr_postcalendar_categories": (
        "pc_catid int unsigned auto_increment primary key, pc_cattype int not null, pc_active tinyint(1) default 1",
        "pc_constant_id pc_catname pc_catcolor pc_catdesc pc_recurrtype pc_enddate pc_recurrspec pc_recurrfreq"
        " pc_duration pc_end_date_flag pc_end_date_type pc_end_date_freq pc_end_all_day pc_dailylimit pc_seq"
        " aco_spec pc_last_updated",
    ),
    "openemr_postcalendar_events": (
        "pc_eid int unsigned auto_increment primary key, pc_catid int not null default 0,"
        " pc_multiple int unsigned not null default 0, pc_aid varchar(30), pc_pid varchar(11), pc_time datetime,"
        f" pc_informant varchar(20), pc_eventDate {ZERO_DATE}, pc_endDate {ZERO_DATE},"
        " pc_duration bigint not null default 0, pc_recurrtype int not null default 0, pc_startTime time,"
        " pc_endTime time, pc_apptstatus varchar(15) not null default '-', pc_facility int not null default 0",
        "pc_gid pc_title pc_hometext pc_comments pc_counter pc_topic pc_recurrspec pc_recurrfreq pc_alldayevent"
        " pc_location pc_conttel pc_contname pc_contemail pc_website pc_fee pc_eventstatus pc_sharing pc_language"
        " pc_prefcatid pc_sendalertsms pc_sendalertemail pc_billing_location pc_room",
    ),
    "list_options": (
        "list_id varchar(100) not null default '', option_id varchar(100) not null default '',"
        " toggle_setting_1 tinyint(1) not null default 0, toggle_setting_2 tinyint(1) not null default 0,"
        " activity tinyint not null default 1, option_value float, `timestamp` timestamp default current_timestamp,"
        " primary key (list_id, option_id)",
        "title mapping seq is_default notes codes subtype edit_options",
    ),
    "patient_tracker": (
        "id bigint auto_increment primary key, date datetime, apptdate date, appttime time,"
        " eid bigint not null default 0, pid bigint not null default 0, encounter bigint not null default 0,"
        " lastseq varchar(4) not null default ''",
        "original_user random_drug_test drug_screen_completed",
    ),
    "patient_tracker_element": (
        "pt_tracker_id bigint not null default 0, start_datetime datetime, status varchar(31) not null default '',"
        " seq varchar(4) not null default '', key (pt_tracker_id, seq)",
        "room user",
    ),
    "form_encounter": (
        "id bigint auto_increment primary key, date datetime, date_end datetime, onset_date datetime,"
        " pid bigint, encounter bigint, facility_id int not null default 0, pc_catid int not null default 5,"
        " last_level_billed int not null default 0, last_level_closed int not null default 0, last_stmt_date date,"
        " stmt_count int not null default 0, provider_id int default 0, supervisor_id int default 0,"
        " in_collection tinyint(1), last_update timestamp default current_timestamp",
        "reason class_code invoice_refno facility sensitivity billing_note referral_source billing_facility"
        " external_id pos_code parent_encounter_id shift voucher_number discharge_disposition encounter_type_code"
        " encounter_type_description referring_provider_id ordering_provider_id",
    ),
    "forms": (
        "id bigint auto_increment primary key, date datetime, encounter bigint, pid bigint, form_id bigint,"
        " deleted tinyint not null default 0",
        "formdir form_name user groupname authorized therapy_group_id issue_id provider_id",
    ),
    "billing": (
        "id int auto_increment primary key, date datetime, pid bigint, provider_id int, encounter int,"
        " activity tinyint(1), billed tinyint(1), payer_id int, bill_process tinyint not null default 0,"
        " bill_date datetime, units int, fee decimal(12,2)",
        "code_type code modifier justify user groupname authorized code_text process_date process_file target"
        " x12_partner_id ndc_info notecodes external_id pricelevel revenue_code chargecat",
    ),
    "ar_session": (
        "session_id int unsigned auto_increment primary key, payer_id int not null, patient_id bigint not null,"
        " user_id int not null default 0, closed tinyint(1) not null default 0, check_date date, deposit_date date,"
        f" post_to_date {ZERO_DATE}, pay_total decimal(12,2) not null default 0,"
        " created_time timestamp default current_timestamp, modified_time datetime not null default 0,"
        " global_amount decimal(12,2) not null default 0",
        "reference payment_type adjustment_code payment_method description",
    ),
    "ar_activity": (
        "pid int not null, encounter int not null, sequence_no int unsigned not null, payer_type int not null,"
        " post_time datetime not null, session_id int unsigned not null, pay_amount decimal(12,2) default 0,"
        " adj_amount decimal(12,2) default 0, modified_time datetime not null default 0, deleted datetime,"
        " post_date date, primary key (pid, encounter, sequence_no)",
        "code_type code modifier memo reason_code account_code follow_up post_user follow_up_note"
        " payer_claim_number",
    ),
    "claims": (
        "patient_id bigint not null, encounter_id int not null, version int unsigned not null,"
        " payer_id int not null default 0, payer_type tinyint not null default 0, status tinyint not null default 0,"
        " bill_process tinyint not null default 0, bill_time datetime, process_time datetime,"
        " primary key (patient_id, encounter_id, version)",
        "process_file target x12_partner_id submitted_claim",
    ),
    "drug_sales": (
        "sale_id int auto_increment primary key, drug_id int not null, pid bigint not null default 0,"
        " encounter int not null default 0, sale_date date not null, quantity int not null default 0,"
        " fee decimal(12,2) not null default 0, billed tinyint(1) not null default 0,"
        " trans_type tinyint not null default 1, bill_date datetime, date_created timestamp default current_timestamp",
        "inventory_id prescription_id user xfer_inventory_id distributor_id notes pricelevel selector chargecat"
        " pharmacy_supply_type updated_by created_by",
    ),
}  # fmt: skip
"""Each table: columns with their types, and the names of columns that are text."""

WITHOUT_UUID = {
    "openemr_postcalendar_categories", "list_options", "patient_tracker", "patient_tracker_element", "forms",
    "billing", "ar_session", "ar_activity", "claims",
}  # fmt: skip
UPDATED = {
    "patient_data", "insurance_companies", "users", "facility", "list_options", "forms", "drug_sales",
}  # fmt: skip
"""Tables with an instant `last_updated`."""

NEW = {
    "insurance_data": ["date_end"],
    "insurance_companies": ["inactive"],
    "facility": ["inactive"],
    "form_encounter": ["date_end", "in_collection"],
    "ar_activity": ["deleted", "post_date", "reason_code"],
    "drug_sales": ["trans_type"],
}
"""What older versions do not have."""

ROWS = (
    "set session sql_mode = ''",
    "insert into users (id, username, fname, lname, authorized, facility_id) values"
    " (1, 'zöe', 'Zoë', 'Young', 1, 1), (2, null, 'Referring', 'Doctor', null, 0)",
    "insert into facility (id, name) values (1, 'Main Street')",
    "insert into patient_data (pid, pubpid, fname, lname, DOB, providerID, postal_code, financial_review) values"
    " (7, 'A-7', 'Ann', 'O''Neil', '1980-03-14', 1, '10001-2345', '0000-00-00 00:00:00'),"
    " (8, '8', '李', 'Null', '0000-00-00', 0, '501', null)",
    "insert into insurance_companies (id, name, ins_type_code) values (3, 'Plain, Health \"and\" Co', 1)",
    "insert into insurance_data (pid, type, provider, date, copay) values"
    " (7, 'primary', '3', '2025-01-01', '$15.00'), (7, 'secondary', '', '0000-00-00', ''),"
    " (8, 'primary', '0', null, 'none')",
    "insert into openemr_postcalendar_categories (pc_catid, pc_catname, pc_cattype) values (5, 'Office Visit', 0)",
    "insert into openemr_postcalendar_events (pc_eid, pc_catid, pc_aid, pc_pid, pc_time, pc_informant, pc_eventDate,"
    " pc_startTime, pc_duration, pc_apptstatus, pc_facility, pc_hometext) values"
    " (11, 5, '1', '7', '2026-01-20 12:00:00', '2', '2026-02-03', '09:30:00', 900, '>', 1, 'a\\rb'),"
    " (12, 5, '1', '', '2026-01-20 12:00:00', '2', '2026-02-03', null, 0, '-', 0, null)",
    "insert into list_options (list_id, option_id, title) values ('apptstat', '>', '> Checked out'), ('', '', '')",
    "insert into patient_tracker (id, apptdate, appttime, eid, pid, encounter, lastseq) values"
    " (1, '2026-02-03', '09:30:00', 11, 7, 100, '2')",
    "insert into patient_tracker_element (pt_tracker_id, start_datetime, status, seq) values"
    " (1, '2026-02-03 09:25:00', '@', '1'), (1, '2026-02-03 09:25:00', '@', '1')",
    "insert into form_encounter (date, pid, encounter, provider_id, reason, onset_date) values"
    " ('2026-02-03 00:00:00', 7, 100, 1, 'line\\rline', '0000-00-00 00:00:00')",
    "insert into forms (encounter, pid, formdir, form_id) values (100, 7, 'newpatient', 1)",
    "insert into billing (date, pid, provider_id, encounter, code_type, code, activity, billed, fee, units) values"
    " ('2026-02-03 10:00:00', 7, 0, 100, 'CPT4', '99213', 1, 1, 120.50, 1),"
    " ('2026-02-03 10:01:00', 7, 0, 100, 'COPAY', '15.00', 1, 0, -15.00, 1)",
    "insert into ar_session (session_id, payer_id, patient_id, pay_total, deposit_date, created_time) values"
    " (1, 3, 0, 80.00, null, '2026-02-03 15:30:00')",
    "insert into ar_activity (pid, encounter, sequence_no, payer_type, post_time, session_id, pay_amount, adj_amount,"
    " code, account_code, deleted) values"
    " (7, 100, 1, 1, '2026-02-03 16:00:00', 1, 80.00, 0, '99213', 'IPP', null),"
    " (7, 100, 2, 1, '2026-02-03 16:00:00', 1, 0, -5.25, '', 'IA', '2026-02-03 17:00:00')",
    "insert into claims (patient_id, encounter_id, version, payer_id, status, payer_type, process_file) values"
    " (7, 100, 1, 3, 7, 1, '99213_25_CO_16')",
    "insert into drug_sales (drug_id, pid, encounter, sale_date, fee) values (1, 0, 0, '2026-02-03', 9.99)",
)


def statements(without_new: bool = False, with_rows: bool = True) -> Iterator[str]:
    """What makes the tables, as they are or as an older version has them, and fills them."""
    yield "set session sql_mode = ''"
    for table, (typed, texts) in TABLES.items():
        columns = [typed, *(f"`{name}` {TEXT}" for name in texts.split())]
        columns += ["uuid binary(16)"] if table not in WITHOUT_UUID else []
        columns += ["last_updated timestamp default current_timestamp"] if table in UPDATED else []
        yield f"create table {table} ({', '.join(columns)}) engine=InnoDB row_format=dynamic"
    if with_rows:
        yield from ROWS
    for table, names in NEW.items() if without_new else ():
        yield f"alter table {table} {', '.join(f'drop column {name}' for name in names)}"
