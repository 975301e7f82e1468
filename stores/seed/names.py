"""Words that the seeded people, companies and goods are named with; none of them exists."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST = _words(
    "Adela Bruno Carla Diego Elena Fabian Gloria Hugo Irene Jaime Karin Lorenzo Mónica Noé Olga Pascal "
    "Quirin Rosa Sergio Telma Ulrich Vera Walter Xenia Yago Zoé Álvaro Begoña Célia Dário Edite Franz "
    "Graça Heike Inês Jürgen Katrin Leonor Maite Nils Oliver Paula Ramón Sílvia"
)
LAST = _words(
    "Abreu Baptista Campos Duarte Esteves Ferrer Gallego Hartmann Iglesias Jansen Köhler Lacerda Mendes "
    "Navarro Ochoa Pereira Quintana Robledo Schäfer Teixeira Ugarte Vidal Wagner Ximénez Yates Zamora "
    "Aguirre Bauer Castro Dietrich Ellis Fuentes Gomes Hughes Ibarra Jiménez Krüger Lopes Marsh Neves "
    "Ortega Pinto Reuter Sousa"
)
STEMS = _words(
    "Almeida Alto Andaluz Atlas Aurora Azul Báltico Boreal Brisa Cantábrico Castelo Central Cierzo Cobalto "
    "Costa Delta Duero Ebro Estrela Faro Fjord Galaico Garona Glen Hansa Harz Horizonte Iberia Júcar Kaiser "
    "Lago Levante Lima Lusitano Mar Meseta Minho Mistral Mondego Nevada Norte Océano Olivar Orion Pampa "
    "Pico Prado Puerto Quasar Ribera Roca Saale Serra Sirocco Sol Spree Tajo Tamar Tejo Thames Triton "
    "Tundra Ulmer Vega Ventura Vulkan Weser Zenit"
)
TRADES = {
    "hospitality": ("Hoteles", "Resorts", "Catering", "Gastro"),
    "retail": ("Comercial", "Handel", "Stores", "Mercados"),
    "construction": ("Obras", "Bau", "Construções", "Building"),
    "logistics": ("Frío", "Kühlhaus", "Logística", "Freight"),
    "healthcare": ("Clínicas", "Salud", "Kliniken", "Labs"),
    "facilities": ("Climatización", "Instalações", "Services", "Technik"),
}
FORMS = {"ES": "S.L.", "PT": "Lda", "DE": "GmbH", "GB": "Ltd", "US": "Inc", "FR": "SARL"}
CITIES = {
    "ES": ("Madrid", "Barcelona", "Valencia", "Sevilla", "Bilbao", "Zaragoza", "Málaga"),
    "PT": ("Lisboa", "Porto", "Braga", "Coimbra", "Faro"),
    "DE": ("Berlin", "Hamburg", "München", "Köln", "Leipzig"),
    "GB": ("London", "Leeds", "Bristol", "Glasgow"),
    "US": ("Boston", "Austin", "Portland"),
    "FR": ("Lyon", "Lille", "Nantes", "Toulouse"),
}
SUPPLIERS = (
    "Kupfer Nord",
    "Metales del Ebro",
    "Rolamentos Ave",
    "Baltic Compressors",
    "Plásticos Turia",
    "Sheffield Valves",
    "Sensorik Jena",
    "Cabos do Sado",
    "Alu Rhein",
    "Motores Besaya",
    "Chapas Zêzere",
    "Circuitos Henares",
    "Dichtung Süd",
    "Tornillería Oria",
)
FINISHED = {
    "Cooling": ("Split unit", "Chiller", "Cold room unit", "Fan coil", "Air curtain"),
    "Heating": ("Heat pump", "Buffer tank", "Radiator", "Boiler", "Floor heating set"),
    "Controls": ("Thermostat", "Zone controller", "Gateway", "Actuator set", "Energy meter"),
}
SIZES = ("S", "M", "L", "XL")
ASSEMBLIES = ("Compressor block", "Heat exchanger", "Fan module", "Control board", "Housing")
COMPONENTS = (
    "Copper tube",
    "Bearing",
    "Valve",
    "Sensor",
    "Cable set",
    "Sheet panel",
    "Motor",
    "Seal kit",
    "Screw set",
    "Relay",
    "Display",
    "Insulation mat",
)
