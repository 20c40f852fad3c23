"""Invented names, streets and phrases. No person, street or practice of these lists is meant."""

FIRST_NAMES = (
    "Ada Alma Amos Anneke Arlo Asha Aurel Beatriz Benno Bram Brigid Calla Carmen Casimir Cedric Chidi Clara "
    "Cosmo Dagny Dalia Darius Delphine Dmitri Edda Eitan Elif Elio Emeka Enid Esteban Farah Felix Fiona Flora "
    "Gideon Greta Gustav Hana Harriet Hector Hedda Ibrahim Ida Ignacio Imani Ines Ingrid Ivo Jaleh Jasper "
    "Joaquin Jonas Jun Kamal Kasia Keiko Kofi Lars Leila Leopold Lina Lucien Luz Magnus Maira Malik Marisol "
    "Mateo Maud Milos Mina Nadia Nils Noor Octavia Odin Olga Omar Orla Otto Paloma Pavel Petra Quentin Rahel "
    "Ramona Ravi Rosalind Rufus Sabine Samir Saskia Sefa Silas Simone Soren Sunniva Talia Tariq Tess Thea "
    "Tobias Ulla Umberto Vera Viggo Wanda Wilbur Xenia Yara Yusuf Zelda Zoltan"
).split() + ["Anne-Marie", "Zoë", "José"]

LAST_NAMES = (
    "Abernethy Alderwood Amundsen Arkwright Ashgrove Balogh Barrowman Bellweather Birkett Blackthorn Bramhall "
    "Brightwater Calloway Carrowmore Castellan Chatterley Coldwell Cranbrook Dahlgren Delacroix Dimitrov "
    "Dovetail Drummond Eastlake Ellingham Eriksen Fairbairn Fenwick Fernsby Fitzalan Foxworth Galanis Garrick "
    "Gladwell Goodenough Greystone Hallewell Harkaway Hartigan Haverford Hollister Huxtable Ibarra Inglewood "
    "Ivanov Jankowski Jernigan Kaplan Kestrel Kilbride Kovacs Lambton Larkspur Lindqvist Lockhart Lovelace "
    "Macklin Marchetti Meadowcroft Merriweather Mortlake Nakagawa Netherby Nightingale Norwood Null Oakenfull "
    "Okonkwo Oldfield Ostrander Paddock Pemberly Penhaligon Petrov Pickering Plumridge Quarles Quigley Radcliff "
    "Ravenhill Redfern Rosewarne Rutherglen Sandoval Saltmarsh Sedgwick Silverton Sorensen Stonebridge Sundqvist "
    "Tamblyn Tennant Thistlewood Thornbury Trevanion Underhill Ustinov Valderrama Vanterpool Varga Wadsworth "
    "Wainscott Weatherby Whitlock Wickham Winterbourne Wolanski Yarborough Yelland Zamora Zielinski"
).split() + ["O'Hanrahan", "de la Vega", "Nuñez", "St. Aubyn"]

STREETS = (
    "Alder Mill Rd|Bell Tower Ln|Cider Press Way|Drovers Ct|Elm Hollow St|Fallow Field Rd|Gristmill Ave|"
    "Harbor Loft Dr|Ironwood Pl|Juniper Bend|Kettle Pond Rd|Lantern St|Millrace Ave|Nutmeg Ln|Orchard Gate|"
    "Pepper Wharf|Quarry Top Rd|Rookery Ct|Sparrow Row|Tannery St|Upper Weir Rd|Violet Steps|Windlass Ave|"
    "Yew Tree Cir"
).split("|")

# Most begin with a zero; 036, 059 and 102 hold too few people to be published, as real lists of such areas say.
ZIPS = (
    "07030 07042 07302 07306 07601 08540 08817 02139 02144 01002 06510 06902 04101 03801 10025 10701 11201 "
    "12508 03601 05901 10278"
).split()

PORTAL = "Portal"

LOCATIONS = (
    "Manteca, CA|Hoboken, NJ|Jersey City, NJ|Montclair, NJ|Yonkers, NY|Brooklyn, NY|New Haven, CT|Portland, ME|"
    "Princeton, NJ|Stamford, CT"
).split("|")

OPENINGS = (
    'Been coming here for years.|First visit, and not the last.|I was told "ten minutes", it was fifty.|'
    "Called at eight, seen at ten.|Moved here in spring and needed a doctor.|My daughter's ear, again.|"
    "They squeezed me in on a Saturday.|Parking is hard, everything else is easy."
).split("|")

MIDDLES = (
    "The nurse listened, explained, and wrote it down.|Front desk was short with us, the doctor was not.|"
    "Billing sent two letters for one visit; one call, and it was gone.|"
    'He said "walk more, worry less" and he was right.|Clean, calm, on time.|'
    "They forgot the referral, then faxed it twice.|Waiting room: cold. Tea: warm."
).split("|")

CLOSINGS = (
    "Would go again.|Three stars, for the parking.|Recommended, with a book to read while you wait.|Thank you all!|"
    'Ask for the morning.|"Family practice" is what it says, and what it is.|Not sure yet…|5/5'
).split("|")


def ascii_name(name: str) -> str:
    """A name as a mail address has it: lower case letters only."""
    plain = name.lower().translate(str.maketrans("ëéñ", "een"))
    return "".join(letter for letter in plain if letter.isalpha())
