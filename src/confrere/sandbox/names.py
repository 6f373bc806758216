"""Invented names and headlines. Any likeness to people or companies is chance."""

from typing import Final

FIRST_NAMES: Final = (
    *("Aino", "Bastien", "Chiara", "Dmitri", "Élodie", "Farid", "Greta", "Hamza", "Ingrid", "João", "Katya", "Liam"),
    *(
        "Mónica",
        "Nadia",
        "Odile",
        "Priya",
        "Quentin",
        "Rosa",
        "Søren",
        "Tariq",
        "Ursula",
        "Viktor",
        "Wanjiru",
        "Ximena",
    ),
    *("Yusuf", "Zofia", "Amara", "Björn", "Camille", "Deniz", "Emeka", "Freya", "Gustavo", "Hana", "Ivo", "Jiří"),
    *("Kwame", "Leïla", "Mateo", "Noor", "Oksana", "Paulo", "Rania", "Saoirse", "Tomás", "Uma", "Vera"),
)
"""47 of them: a prime, so that stepping through the names meets every pair."""

LAST_NAMES: Final = (
    *("Abernathy", "Bianchi", "Chaudhry", "Dubois", "Eriksen", "Fernández", "Grünwald", "Haddad", "Ivanova", "Jansen"),
    *("Kowalski", "Lindqvist", "Müller", "Nakamura", "O'Brien", "Pereira", "Quispe", "Rossi", "Šimek", "Tanaka"),
    *("Ueda", "Vasquez", "Williams", "Xu", "Yilmaz", "Zeman", "Achterberg", "Brandão", "Castellanos", "Delacroix"),
    *("Espinoza", "Falk", "Garnier", "Holm", "Ibarra", "Jung", "Keller", "Laurent", "Mbeki", "Novák", "Okafor"),
    *("Petit", "Quayle", "Ramírez", "Sample", "Thorne", "Urquhart", "van der Berg", "Wójcik", "Yamada", "Zhang"),
    *("Ångström", "Exemple"),
)

ROLES: Final = (
    *("Account executive", "Civil engineer", "Data analyst", "Founder", "Grant writer", "Head of operations"),
    *("Logistics planner", "Midwife and lecturer", "Payroll lead", "Product designer", "Sales manager"),
    *("Site reliability engineer", "Teacher"),
)

COMPANIES: Final = (
    *("Example Co", "Invented & Sons", "Nowhere Labs", "Paper Lantern GmbH", "Sample Works", "Placeholder Oy"),
    *("Fictional Freight", "Imaginary Health", "Made-up Metals", "Northern Example", "Stand-in Software"),
)

TOWNS: Final = ("Antwerp", "Bergen", "Córdoba", "Dakar", "Essen", "Fukuoka", "Galway", "Hobart", "Izmir")

GROUP_SUBJECTS: Final = (
    *("Independent Consultants", "Everyone Who Is Anyone", "Supply Chain Europe", "Women in Data"),
    *("Renewable Energy Makers", "Remote Work Circle", "Museum Professionals", "Payroll & Benefits"),
)
